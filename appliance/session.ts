/** Roles, each holding all that the ones before it may do. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, proven by cookie or key at the door. */
export interface Session {
  /** `jti` of the token; looked up at each request, so that signing out works at once. */
  id: string;
  userId: string;
  userName: string;
  role: Role;
  siteId: string;
  expiresAt: number;
}

/** Says whether `session` may do what asks for `needed`. */
export const mayDo = (session: Session, needed: Role): boolean => ROLES.indexOf(session.role) >= ROLES.indexOf(needed);
