import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase32, encodeBase32 } from '../../discovery/pairing/base32.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import { ROLES, type Role, type Session } from '../session.ts';
import { type Collection, ConflictError } from '../store/documents.ts';
import type { KeyRecord } from './documents.ts';

/** `rvk_<id>_<secret>`: the id of the record and 160 random bits, in Crockford's base32. */
const TEXT = /^rvk_([0-9A-HJKMNP-TV-Z]{26})_([0-9A-HJKMNP-TV-Z]{32})$/;
const SECRET_BYTES = 20;
const SAVE_USE_MS = 3_600_000;
/** Of a key that does not expire: the last instant that the protocol knows. */
const NEVER = 7_258_118_400_000;
const MOST_PLACES = 10_000;

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

function idOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export interface KeyParts {
  records: Collection<KeyRecord>;
  log: Logger;
  /** What the maker of a key may do in its site now; a key may never do more. */
  makersRole(userId: string, siteId: string): Role | undefined;
  /** What a role is worth in a site, in which operators may only view. */
  allowed(role: Role, siteId: string): Role;
  /** Hears of a key's first use from an address. */
  onNewPlace(record: KeyRecord, from: string): void;
}

export interface NewKey extends Pick<KeyRecord, 'siteId' | 'name' | 'role' | 'userId'> {
  expiresAt?: number;
}

/** API keys, in memory and on disk: random, so that a plain hash keeps them (AUTH-3). */
export class Keys {
  readonly #parts: KeyParts;
  readonly #known = new Map<string, KeyRecord>();
  /** `key|address` of what was heard of since the start. */
  readonly #places = new Set<string>();
  readonly #onEnd = new Set<(keyId: string) => void>();
  /** Writes wait for each other, so that a use never undoes an edit. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(parts: KeyParts) {
    this.#parts = parts;
  }

  static async open(parts: KeyParts): Promise<Keys> {
    const keys = new Keys(parts);
    for (const record of await parts.records.find()) keys.#known.set(record.id, record);
    return keys;
  }

  /** Of a site, oldest first. */
  list(siteId: string): KeyRecord[] {
    return [...this.#known.values()]
      .filter((record) => record.siteId === siteId)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The key, if it belongs to the site. */
  need(siteId: string, keyId: string): KeyRecord {
    const record = this.#known.get(keyId);
    if (!record || record.siteId !== siteId) throw new Problem('not-found', 'There is no such key');
    return record;
  }

  /** Makes a key; the text is in this answer and nowhere else. */
  async add(key: NewKey, now: number): Promise<{ record: KeyRecord; text: string }> {
    const id = newId(now);
    const secret = encodeBase32(randomBytes(SECRET_BYTES));
    const hash = digest(secret).toString('hex');
    const record = await this.#parts.records.insert({ ...key, id, hash, createdAt: now });
    this.#known.set(id, record);
    return { record, text: `rvk_${encodeBase32(bytesOf(id))}_${secret}` };
  }

  /** Who calls with this text; undefined when there is no such key, it has expired, or its maker may no longer come in. */
  verify(text: string, from: string, now: number): Session | undefined {
    const [, id = '', secret = ''] = TEXT.exec(text) ?? [];
    const bytes = decodeBase32(id);
    const record = bytes && this.#known.get(idOf(bytes));
    if (!record || !timingSafeEqual(digest(secret), Buffer.from(record.hash, 'hex'))) return undefined;
    const { siteId, name, expiresAt = NEVER } = record;
    const role = this.#roleOf(record);
    if (expiresAt <= now || !role) return undefined;
    this.#used(record, from, now);
    return { id: record.id, kind: 'key', userId: record.id, userName: name, role, siteId, expiresAt };
  }

  async rename(siteId: string, keyId: string, { name, ifRev }: { name: string; ifRev: number }): Promise<KeyRecord> {
    this.need(siteId, keyId);
    try {
      return await this.#update(keyId, { name }, ifRev);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new Problem('conflict', 'Somebody else changed this key; load it again');
    }
  }

  async remove(keyId: string): Promise<void> {
    this.#known.delete(keyId);
    for (const listener of this.#onEnd) listener(keyId);
    await this.#inTurn(() => this.#parts.records.remove(keyId));
  }

  /** Ends the keys of a site that is removed, or those that a removed user made. */
  async removeAll(whose: { siteId: string } | { userId: string }): Promise<void> {
    const isTheirs = (record: KeyRecord): boolean =>
      'siteId' in whose ? record.siteId === whose.siteId : record.userId === whose.userId;
    for (const record of [...this.#known.values()].filter(isTheirs)) await this.remove(record.id);
  }

  /** What the maker may do has changed: the sockets of their keys connect anew. */
  settle(userId: string): void {
    for (const { id, userId: maker } of this.#known.values())
      if (maker === userId) for (const listener of this.#onEnd) listener(id);
  }

  /** Tells when the sockets of a key have to be closed. */
  onEnd(listener: (keyId: string) => void): void {
    this.#onEnd.add(listener);
  }

  /** Resolves when what was used is saved. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #roleOf({ role, userId, siteId }: KeyRecord): Role | undefined {
    const { makersRole, allowed } = this.#parts;
    const most = makersRole(userId, siteId);
    return most && allowed(ROLES.indexOf(role) < ROLES.indexOf(most) ? role : most, siteId);
  }

  #used(record: KeyRecord, from: string, now: number): void {
    const place = `${record.id}|${from}`;
    const isNew = from !== record.lastUsedFrom && !this.#places.has(place);
    if (this.#places.size >= MOST_PLACES) this.#places.clear();
    this.#places.add(place);
    if (isNew) this.#parts.onNewPlace(record, from);
    if (!isNew && now - (record.lastUsedAt ?? 0) < SAVE_USE_MS) return;
    record.lastUsedAt = now; // At once, so that the requests that come meanwhile do not save it too.
    record.lastUsedFrom = from;
    this.#update(record.id, { lastUsedAt: now, lastUsedFrom: from }).catch((error) =>
      this.#parts.log.error({ err: error, keyId: record.id }, 'the use of a key could not be saved'),
    );
  }

  #update(keyId: string, change: Partial<KeyRecord>, ifRev?: number): Promise<KeyRecord> {
    return this.#inTurn(async () => {
      const known = this.#known.get(keyId);
      if (!known) throw new Problem('not-found', 'There is no such key');
      const record = await this.#parts.records.update({ ...known, ...change }, ifRev === undefined ? {} : { ifRev });
      if (this.#known.has(keyId)) this.#known.set(keyId, record);
      return record;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
