import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { Seal } from '../seal.ts';
import type { Role, Session } from '../session.ts';
import type { Collection } from '../store/documents.ts';
import type { SessionRecord, User } from './documents.ts';
import { signToken, Tokens } from './token.ts';

/** `__Host-` binds the cookie to this origin over HTTPS; browsers refuse that prefix over HTTP. */
export const cookieName = (secure: boolean): string => (secure ? '__Host-reeve' : 'reeve');

/** `Set-Cookie` of a session that lives for `lifeMs`; 0 takes it away. */
export function sessionCookie(token: string, secure: boolean, lifeMs: number): string {
  const age = Math.ceil(lifeMs / 1_000);
  return `${cookieName(secure)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure ? '; Secure' : ''}`;
}

const MOST_TOKENS = 8;

/**
 * The tokens in a `Cookie` header that may be the session's, eight at most. There are several where an appliance on another
 * port of the same address set its own: cookies do not tell ports apart.
 */
export function tokensIn(cookieHeader: string | undefined, secure: boolean): string[] {
  const wanted = `${cookieName(secure)}=`;
  const parts = (cookieHeader ?? '').split(';').map((each) => each.trim());
  const tokens = parts.flatMap((part) => (part.startsWith(wanted) ? [part.slice(wanted.length)] : []));
  return [...new Set(tokens)].filter(Boolean).slice(0, MOST_TOKENS);
}

export interface Opened {
  session: Session;
  /** To be put into the cookie. */
  token: string;
}

/** Why the sockets of a session are closed: it is over, or its site or role is another. */
export type EndReason = 'signed-out' | 'site';

export interface SessionParts {
  seal: Seal;
  records: Collection<SessionRecord>;
  userOf(id: string): User | undefined;
  /** How long a session lasts that begins now. */
  lifeMs(): number;
  /** The first site that a user may enter. */
  firstSiteOf(user: User): string | undefined;
  /** The user's role in a site, in which operators may only view. */
  roleOf(user: User, siteId: string): Role | undefined;
}

const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** JWT sessions (HS256 only) whose `jti` must still be on record: a signed token alone opens nothing. */
export class Sessions {
  readonly #key: Buffer;
  readonly #tokens: Tokens;
  readonly #parts: SessionParts;
  readonly #live = new Map<string, SessionRecord>();
  /** When each was last used; not stored. */
  readonly #seen = new Map<string, number>();
  readonly #onEnd = new Set<(sessionId: string, reason: EndReason) => void>();

  constructor(parts: SessionParts) {
    this.#key = parts.seal.derive('session token');
    this.#tokens = new Tokens(this.#key);
    this.#parts = parts;
  }

  /** Loads what is on record and drops what has expired. */
  async load(now: number): Promise<void> {
    const { records } = this.#parts;
    for (const record of await records.find()) {
      if (record.expiresAt > now) this.#live.set(record.id, record);
      else await records.remove(record.id);
    }
  }

  /** A new session, always under a new id. Fails with `not-allowed` for a user who may enter no site. */
  async open(user: User, caller: { from: string; browser: string }, now: number): Promise<Opened> {
    const siteId = this.#parts.firstSiteOf(user);
    if (!siteId) throw new Problem('not-allowed', 'This account has no role in any site: ask an owner for one');
    const record = await this.#parts.records.insert({
      id: newId(now),
      siteId,
      userId: user.id,
      createdAt: now,
      expiresAt: now + this.#parts.lifeMs(),
      from: caller.from,
      browser: caller.browser.slice(0, 200),
    });
    const session = this.#asSession(record);
    if (!session) throw new Problem('wrong-credentials'); // The account went away meanwhile.
    this.#live.set(record.id, record);
    const claims = { sub: user.id, jti: record.id, iat: seconds(now), exp: seconds(record.expiresAt) };
    return { session, token: signToken(claims, this.#key) };
  }

  /** The session behind a token; undefined when it was altered, has expired or was ended. Reads nothing from the store. */
  verify(token: string, now: number): Session | undefined {
    const jti = this.#tokens.verify(token, now);
    const record = jti ? this.#live.get(jti) : undefined;
    if (!record || record.expiresAt <= now) return undefined;
    this.#seen.set(record.id, now);
    return this.#asSession(record);
  }

  /** Sessions of one user, or of everybody; oldest first. */
  list(userId?: string): (SessionRecord & { lastSeenAt: number })[] {
    return [...this.#live.values()]
      .filter((record) => userId === undefined || record.userId === userId)
      .map((record) => ({ ...record, lastSeenAt: this.#seen.get(record.id) ?? record.createdAt }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(sessionId: string): SessionRecord | undefined {
    return this.#live.get(sessionId);
  }

  /** Goes to another site of the user's; fails with `not-found` for any other. */
  async goTo(sessionId: string, siteId: string): Promise<Session> {
    const record = this.#live.get(sessionId);
    const user = record && this.#parts.userOf(record.userId);
    if (!record || !user || !this.#parts.roleOf(user, siteId)) throw new Problem('not-found', 'There is no such site');
    await this.#move(record, siteId);
    const session = this.#asSession({ ...record, siteId });
    if (!session) throw new Problem('not-found', 'There is no such site');
    return session;
  }

  async end(sessionId: string): Promise<void> {
    this.#live.delete(sessionId);
    this.#seen.delete(sessionId);
    this.#tell(sessionId, 'signed-out');
    await this.#parts.records.remove(sessionId);
  }

  /** Drops what has expired; says how many. */
  async prune(now: number): Promise<number> {
    const expired = [...this.#live.values()].filter(({ expiresAt }) => expiresAt <= now);
    for (const { id } of expired) await this.end(id);
    return expired.length;
  }

  /** Ends the sessions of a user, but for one of them. */
  async endOf(userId: string, except?: string): Promise<void> {
    for (const { id } of this.list(userId)) if (id !== except) await this.end(id);
  }

  /** What a user may do has changed: sessions leave sites that are closed to them, and sockets connect anew. */
  async settle(userId: string): Promise<void> {
    const user = this.#parts.userOf(userId);
    const to = user && this.#parts.firstSiteOf(user);
    if (!user || !to) return this.endOf(userId);
    for (const record of this.list(userId)) {
      if (this.#parts.roleOf(user, record.siteId)) this.#tell(record.id, 'site');
      else await this.#move(record, to);
    }
  }

  /** Tells when the sockets of a session have to be closed. */
  onEnd(listener: (sessionId: string, reason: EndReason) => void): void {
    this.#onEnd.add(listener);
  }

  async #move({ id }: SessionRecord, siteId: string): Promise<void> {
    const record = this.#live.get(id);
    if (!record) return;
    if (record.siteId !== siteId) {
      const moved = await this.#parts.records.update({ ...record, siteId });
      if (!this.#live.has(id)) return; // It was ended meanwhile.
      this.#live.set(id, moved);
    }
    this.#tell(id, 'site');
  }

  #tell(sessionId: string, reason: EndReason): void {
    for (const listener of this.#onEnd) listener(sessionId, reason);
  }

  #asSession(record: SessionRecord): Session | undefined {
    const user = this.#parts.userOf(record.userId);
    const role = user && this.#parts.roleOf(user, record.siteId);
    if (!role) return undefined;
    const { id, siteId, expiresAt } = record;
    return { id, kind: 'user', userId: user.id, userName: user.userName, role, siteId, expiresAt };
  }
}
