import { newId } from '../ids.ts';
import type { Seal } from '../seal.ts';
import type { Session } from '../session.ts';
import type { Collection } from '../store/documents.ts';
import type { SessionRecord, User } from './documents.ts';
import { signToken, verifyToken } from './token.ts';

export const SESSION_MS = 30 * 86_400_000;

/** `__Host-` binds the cookie to this origin over HTTPS; browsers refuse that prefix over HTTP. */
export const cookieName = (secure: boolean): string => (secure ? '__Host-reeve' : 'reeve');

/** `Set-Cookie` of a session; `token` empty takes it away. */
export function sessionCookie(token: string, secure: boolean): string {
  const age = token ? Math.floor(SESSION_MS / 1000) : 0;
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

/** JWT sessions (HS256 only) whose `jti` must still be on record: a signed token alone opens nothing. */
export class Sessions {
  readonly #key: Buffer;
  readonly #records: Collection<SessionRecord>;
  readonly #userOf: (id: string) => Promise<User | undefined>;
  readonly #live = new Map<string, SessionRecord>();
  readonly #onEnd = new Set<(sessionId: string) => void>();

  constructor(seal: Seal, records: Collection<SessionRecord>, userOf: (id: string) => Promise<User | undefined>) {
    this.#key = seal.derive('session token');
    this.#records = records;
    this.#userOf = userOf;
  }

  /** Loads what is on record and drops what has expired. */
  async load(now: number): Promise<void> {
    for (const record of await this.#records.find()) {
      if (record.expiresAt > now) this.#live.set(record.id, record);
      else await this.#records.remove(record.id);
    }
  }

  async open(user: User, from: string, now: number): Promise<{ session: Session; token: string }> {
    const siteId = user.roles[0]?.siteId ?? user.siteId;
    const record = await this.#records.insert({
      id: newId(now),
      siteId,
      userId: user.id,
      createdAt: now,
      expiresAt: now + SESSION_MS,
      from,
    });
    this.#live.set(record.id, record);
    const seconds = (ms: number): number => Math.floor(ms / 1_000);
    const claims = { sub: user.id, jti: record.id, iat: seconds(now), exp: seconds(record.expiresAt) };
    const token = signToken(claims, this.#key);
    return { session: asSession(record, user), token };
  }

  /** The session behind a token; undefined when it was altered, has expired or was ended. */
  async verify(token: string, now: number): Promise<Session | undefined> {
    const jti = verifyToken(token, this.#key, now);
    const record = jti ? this.#live.get(jti) : undefined;
    if (!record || record.expiresAt <= now) return undefined;
    const user = await this.#userOf(record.userId);
    return user && asSession(record, user);
  }

  async end(sessionId: string): Promise<void> {
    this.#live.delete(sessionId);
    await this.#records.remove(sessionId);
    for (const listener of this.#onEnd) listener(sessionId);
  }

  /** Drops what has expired; says how many. */
  async prune(now: number): Promise<number> {
    const expired = [...this.#live.values()].filter(({ expiresAt }) => expiresAt <= now);
    for (const { id } of expired) await this.end(id);
    return expired.length;
  }

  /** Tells when a session ends, so that its sockets can be closed. */
  onEnd(listener: (sessionId: string) => void): void {
    this.#onEnd.add(listener);
  }
}

function asSession(record: SessionRecord, user: User): Session {
  const role = user.isOwner ? 'owner' : (user.roles.find((each) => each.siteId === record.siteId)?.role ?? 'viewer');
  return {
    id: record.id,
    kind: 'user',
    userId: user.id,
    userName: user.userName,
    role,
    siteId: record.siteId,
    expiresAt: record.expiresAt,
  };
}
