/** Roles, each holding all that the ones before it may do. The first three are given for one site; an owner is one everywhere. */
export const ROLES = ['viewer', 'operator', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, in one site; proven by cookie or key at the door. `siteId` is the wall: no handler looks at another site. */
export interface Session {
  /** `jti` of the token, or id of the API key; looked up at each request, so that ending it works at once. */
  id: string;
  /** A person who signed in, or an API key. */
  kind: 'user' | 'key';
  /** Of the person, or of the API key itself. */
  userId: string;
  /** For people: the user's name, or the name of the key. */
  userName: string;
  /** In this site. */
  role: Role;
  siteId: string;
  expiresAt: number;
}

/** Says whether `session` may do what asks for `needed`. */
export const mayDo = (session: Session, needed: Role): boolean => ROLES.indexOf(session.role) >= ROLES.indexOf(needed);
