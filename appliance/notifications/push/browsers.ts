import { z } from 'zod';
import { newId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import { Problem } from '../../problem.ts';
import type { Seal } from '../../seal.ts';
import type { Session } from '../../session.ts';
import type { Collection, Document, DocumentStore, Kind } from '../../store/documents.ts';
import type { PushBrowser, PushDesk } from '../channel.ts';
import { PushSender } from './sender.ts';

/** A browser in which a person wants to hear of a site. */
interface BrowserRecord extends Document {
  userId: string;
  /** The session with which it was asked for, and until when that lasts: ended before, it takes the browser along. */
  sessionId: string;
  sessionExpiresAt: number;
  /** What the browser calls itself. */
  browser: string;
  createdAt: number;
  /** Address and keys: whoever has them can write to it. */
  sealed: string;
}

export const browserRecords: Kind<BrowserRecord> = {
  name: 'push-browsers',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    userId: z.string(),
    sessionId: z.string(),
    sessionExpiresAt: z.number(),
    browser: z.string(),
    createdAt: z.number(),
    sealed: z.string(),
  }),
  indexes: ['siteId'],
};

export type Subscription = Omit<PushBrowser, 'id'>;

export interface BrowserParts {
  documents: DocumentStore;
  seal: Seal;
  now: () => number;
  log: Logger;
  /** Whether a user may hear of a site now. */
  mayLook(userId: string, siteId: string): boolean;
}

interface Known {
  record: BrowserRecord;
  subscription: Subscription;
}

const MOST_EACH = 10;
/** So many messages are remembered with the browsers that took them, for a try that only some of them need. */
const REMEMBERED = 500;
const purposeOf = (id: string): string => `push browser ${id}`;

/** Browsers that asked for push messages, in memory and on disk, each with a session and a site of its person. */
export class PushBrowsers {
  readonly sender: PushSender;
  readonly #parts: BrowserParts;
  readonly #records: Collection<BrowserRecord>;
  readonly #known = new Map<string, Known>();
  readonly #taken = new Map<string, Set<string>>();

  private constructor(parts: BrowserParts, records: Collection<BrowserRecord>, sender: PushSender) {
    this.#parts = parts;
    this.#records = records;
    this.sender = sender;
  }

  static async open(parts: BrowserParts): Promise<PushBrowsers> {
    const { documents, seal, now } = parts;
    const records = await documents.collection(browserRecords);
    const browsers = new PushBrowsers(parts, records, await PushSender.open(documents, seal, now()));
    for (const record of await records.find()) await browsers.#load(record);
    return browsers;
  }

  /** Of one person in one site, oldest first. */
  list({ userId, siteId }: Pick<Session, 'userId' | 'siteId'>): { record: BrowserRecord; endpoint: string }[] {
    return [...this.#known.values()]
      .filter(({ record }) => record.userId === userId && record.siteId === siteId)
      .sort((a, b) => (a.record.id < b.record.id ? -1 : 1))
      .map(({ record, subscription: { endpoint } }) => ({ record, endpoint }));
  }

  /** Remembers a browser; once more with the same address takes the place of what is known of it. */
  async add(session: Session, subscription: Subscription, browser: string): Promise<BrowserRecord> {
    const { siteId, userId } = session;
    const now = this.#parts.now();
    for (const { record, subscription: known } of [...this.#known.values()]) {
      // A browser belongs to whoever used it last: the person before must not be told there any more.
      const isSame = known.endpoint === subscription.endpoint;
      if (isSame && (record.userId !== userId || record.siteId === siteId)) await this.#drop(record.id);
    }
    if (this.list(session).length >= MOST_EACH)
      throw new Problem('conflict', `Ten browsers of yours are told already: remove one of them first`);
    const id = newId(now);
    const fields = { siteId, userId, sessionId: session.id, sessionExpiresAt: session.expiresAt };
    const record = await this.#records.insert({
      ...{ id, ...fields, browser: browser.slice(0, 200), createdAt: now },
      sealed: this.#parts.seal.seal(JSON.stringify(subscription), purposeOf(id)),
    });
    this.#known.set(id, { record, subscription });
    return record;
  }

  /** Fails with `not-found` for a browser that is not this person's in this site. */
  async remove({ userId, siteId }: Pick<Session, 'userId' | 'siteId'>, id: string): Promise<BrowserRecord> {
    const record = this.#known.get(id)?.record;
    if (!record || record.userId !== userId || record.siteId !== siteId)
      throw new Problem('not-found', 'There is no such browser');
    await this.#drop(id);
    return record;
  }

  /** A session was ended: by signing out, by a new password, by an owner. One that ran out leaves its browser alone. */
  async endSession(sessionId: string): Promise<void> {
    const now = this.#parts.now();
    await this.#dropWhere((record) => record.sessionId === sessionId && record.sessionExpiresAt > now);
  }

  async forgetUser(userId: string): Promise<void> {
    await this.#dropWhere((record) => record.userId === userId);
  }

  async forgetSite(siteId: string): Promise<void> {
    await this.#dropWhere((record) => record.siteId === siteId);
  }

  /** What the channel of a site works with. */
  deskOf(siteId: string): PushDesk {
    return {
      all: () => this.#of(siteId),
      hasTaken: (messageId, browserId) => this.#taken.get(messageId)?.has(browserId) === true,
      took: (messageId, browserId) => this.#took(messageId, browserId),
      gone: (browserId) => this.#drop(browserId),
      authorization: (endpoint, contact) => this.sender.authorization(endpoint, contact, this.#parts.now()),
    };
  }

  #of(siteId: string): PushBrowser[] {
    return [...this.#known.values()]
      .filter(({ record }) => record.siteId === siteId && this.#parts.mayLook(record.userId, siteId))
      .map(({ record: { id }, subscription }) => ({ id, ...subscription }));
  }

  #took(messageId: string, browserId: string): void {
    const taken = this.#taken.get(messageId) ?? new Set();
    this.#taken.set(messageId, taken.add(browserId));
    for (const oldest of this.#taken.keys()) {
      if (this.#taken.size <= REMEMBERED) return;
      this.#taken.delete(oldest);
    }
  }

  async #load(record: BrowserRecord): Promise<void> {
    try {
      const text = this.#parts.seal.open(record.sealed, purposeOf(record.id));
      this.#known.set(record.id, { record, subscription: JSON.parse(text) as Subscription });
    } catch {
      this.#parts.log.warn({ browserId: record.id }, 'a browser’s subscription cannot be opened and is dropped');
      await this.#records.remove(record.id);
    }
  }

  async #dropWhere(isMeant: (record: BrowserRecord) => boolean): Promise<void> {
    for (const { record } of [...this.#known.values()]) if (isMeant(record)) await this.#drop(record.id);
  }

  async #drop(id: string): Promise<void> {
    this.#known.delete(id); // First: nothing is sent there any more, even if that cannot be written down.
    await this.#records.remove(id);
  }
}
