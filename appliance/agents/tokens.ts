import { z } from 'zod';
import { PairingDesk, type PairingDeskOptions } from '../../discovery/pairing/appliance.ts';
import { type TokenRecord, tokenRecord, tokenState } from '../../discovery/pairing/token-drawer.ts';
import type { EnrolToken } from '../../protocol/routes/agents.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import type { Seal } from '../seal.ts';
import type { Collection, Document, DocumentStore, Kind } from '../store/documents.ts';

/** A token as it is kept: its keys sealed, and what it was made for. */
interface StoredToken extends Document {
  name?: string;
  createdBy?: string;
  tags?: string[];
  rack?: string;
  /** For the appliance's own agent; not shown among the tokens that people made. */
  isOwn: boolean;
  forHostId?: string;
  hostId?: string;
  sealed: string;
}

const storedTokens: Kind<StoredToken> = {
  name: 'tokens',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    name: z.string().exactOptional(),
    createdBy: z.string().exactOptional(),
    tags: z.array(z.string()).exactOptional(),
    rack: z.string().exactOptional(),
    isOwn: z.boolean(),
    forHostId: z.string().exactOptional(),
    hostId: z.string().exactOptional(),
    sealed: z.string(),
  }),
  indexes: ['siteId'],
};

const PURPOSE = 'enrolment token';
const DAY_MS = 86_400_000;
const KEEP_DEAD_MS = DAY_MS;
/** Nobody walks along a rack in a quarter of an hour. */
const BULK_MS = DAY_MS;

export interface TokenOptions {
  documents: DocumentStore;
  seal: Seal;
  log: Logger;
  now: () => number;
  desk: Omit<PairingDeskOptions, 'onChange'>;
}

/** What the hosts get that come in by a token. */
export interface Labels {
  tags?: string[];
  rack?: string;
}

export interface NewToken extends Labels {
  siteId: string;
  name?: string;
  isOwn: boolean;
  createdBy?: string;
  /** A host that waits for its agent. */
  forHostId?: string;
  /** How many agents it lets in; 1 by default. */
  uses?: number;
  validMs?: number;
}

/** What is known of a token's hosts before they come. */
export interface MadeFor extends Labels {
  siteId: string;
  /** Of the host; absent where the token lets several in. */
  name?: string;
  isOwn: boolean;
  forHostId?: string;
}

/** Tokens and the desk where they are redeemed; every change is stored before the answer leaves. */
export class Tokens {
  readonly desk: PairingDesk;
  readonly #options: TokenOptions;
  readonly #collection: Collection<StoredToken>;
  readonly #known = new Map<string, { stored: StoredToken; record: TokenRecord }>();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(options: TokenOptions, collection: Collection<StoredToken>) {
    this.#options = options;
    this.#collection = collection;
    this.desk = new PairingDesk({ ...options.desk, onChange: (record) => this.#changed(record) });
  }

  static async open(options: TokenOptions): Promise<Tokens> {
    const tokens = new Tokens(options, await options.documents.collection(storedTokens));
    for (const stored of await tokens.#collection.find()) {
      const record = tokenRecord.parse(JSON.parse(options.seal.open(stored.sealed, PURPOSE)));
      tokens.#known.set(stored.id, { stored, record });
    }
    await tokens.prune(options.now());
    tokens.desk.restore([...tokens.#known.values()].map(({ record }) => record));
    return tokens;
  }

  /** Makes a token; the text is in this answer and nowhere else. */
  async issue({ uses = 1, validMs, ...made }: NewToken): Promise<{ text: string; token: EnrolToken }> {
    await this.prune(this.#options.now());
    const span = validMs ?? (uses > 1 ? BULK_MS : undefined);
    const terms = { uses, ...(span !== undefined && { validMs: span }) };
    const { text, record } = this.desk.issue(this.#options.now(), terms);
    const stored = { ...made, id: record.tokenId, rev: 0, sealed: this.#sealed(record) };
    this.#known.set(record.tokenId, { stored, record });
    await this.#write(async () => {
      const written = await this.#collection.insert(stored);
      this.#known.set(record.tokenId, { stored: written, record });
    });
    return { text, token: this.read(made.siteId, record.tokenId) };
  }

  /** What became of a token. */
  read(siteId: string, tokenId: string): EnrolToken {
    const { stored, record } = this.#need(siteId, tokenId);
    return describe(stored, record, this.#options.now());
  }

  /** Those that people of a site made, newest first. */
  list(siteId: string): EnrolToken[] {
    return [...this.#known.values()]
      .filter(({ stored }) => stored.siteId === siteId && !stored.isOwn)
      .map(({ stored, record }) => describe(stored, record, this.#options.now()))
      .sort((a, b) => b.createdAt - a.createdAt || (a.tokenId < b.tokenId ? -1 : 1));
  }

  /** Makes every token of a site useless that is removed. */
  async revokeAll(siteId: string): Promise<void> {
    for (const { stored } of this.#known.values()) if (stored.siteId === siteId) this.desk.revoke(stored.id);
    await this.settled();
  }

  async revoke(siteId: string, tokenId: string): Promise<void> {
    this.#need(siteId, tokenId);
    this.desk.revoke(tokenId);
    await this.settled();
  }

  /** Ids of the open tokens that were made for a host. */
  openFor(hostId: string): string[] {
    const now = this.#options.now();
    return [...this.#known.values()]
      .filter(({ stored, record }) => stored.forHostId === hostId && tokenState(record, now) === 'open')
      .map(({ stored }) => stored.id);
  }

  /** For whom a token was made, for the one who redeems it. */
  madeFor(tokenId: string): MadeFor {
    const known = this.#known.get(tokenId);
    if (!known) throw new Problem('pairing-refused');
    const { siteId, name, isOwn, tags, rack, forHostId } = known.stored;
    const ofHost = known.record.bulk ? undefined : name;
    return {
      siteId,
      isOwn,
      ...(ofHost && { name: ofHost }),
      ...(tags && { tags }),
      ...(rack && { rack }),
      ...(forHostId && { forHostId }),
    };
  }

  /** Notes the host that came of a token for one; which came of a token for several, their agents say. */
  async redeemed(tokenId: string, hostId: string): Promise<void> {
    const known = this.#known.get(tokenId);
    if (!known || known.record.bulk) return;
    known.stored = { ...known.stored, hostId };
    this.#changed(known.record);
    await this.settled();
  }

  /** Resolves when every change so far is durable; rejects when one could not be stored. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** What became of a token is of interest for a day; says how many were dropped. */
  async prune(now: number): Promise<number> {
    const before = now - KEEP_DEAD_MS;
    let dropped = 0;
    for (const [id, { record }] of this.#known) {
      if (record.expiresAt >= before) continue;
      this.#known.delete(id);
      await this.#collection.remove(id);
      dropped++;
    }
    return dropped;
  }

  #changed(record: TokenRecord): void {
    const known = this.#known.get(record.tokenId);
    if (!known) return;
    known.record = record;
    void this.#write(async () => {
      known.stored = await this.#collection.update({ ...known.stored, sealed: this.#sealed(record) });
    }).catch((error) =>
      this.#options.log.error({ err: error, tokenId: record.tokenId }, 'a token could not be stored'),
    );
  }

  #write(work: () => Promise<void>): Promise<void> {
    const done = this.#writing.catch(() => undefined).then(work);
    this.#writing = done;
    return done;
  }

  #sealed(record: TokenRecord): string {
    return this.#options.seal.seal(JSON.stringify(record), PURPOSE);
  }

  #need(siteId: string, tokenId: string): { stored: StoredToken; record: TokenRecord } {
    const known = this.#known.get(tokenId);
    if (!known || known.stored.siteId !== siteId) throw new Problem('not-found', 'There is no such token');
    return known;
  }
}

function describe(stored: StoredToken, record: TokenRecord, now: number): EnrolToken {
  const { name, createdBy, tags, rack, hostId, forHostId } = stored;
  const { tokenId, createdAt, expiresAt, wrongTries, bulk } = record;
  return {
    tokenId,
    createdAt,
    expiresAt,
    state: tokenState(record, now),
    uses: bulk ? { count: bulk.agents.length, most: bulk.most } : { count: record.state === 'used' ? 1 : 0, most: 1 },
    wrongTries,
    ...(name && { name }),
    ...(createdBy && { createdBy }),
    ...(tags && { tags }),
    ...(rack && { rack }),
    ...(forHostId && { forHostId }),
    ...(hostId && { hostId }),
  };
}
