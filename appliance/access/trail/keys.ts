import { randomBytes } from 'node:crypto';
import type { Seal } from '../../seal.ts';
import type { Collection } from '../../store/documents.ts';
import { TRAIL_KEY_PURPOSE, type TrailKey, WHOLE_APPLIANCE } from './documents.ts';

/** The keys that the chain was made with, oldest first; one that cannot be opened any more has no `key`. */
export class TrailKeys {
  readonly #records: Collection<TrailKey>;
  readonly #seal: Seal;
  #keys: { sinceSeq: number; key: Buffer | undefined }[] = [];

  constructor(records: Collection<TrailKey>, seal: Seal) {
    this.#records = records;
    this.#seal = seal;
  }

  async load(): Promise<void> {
    const records = await this.#records.find({}, { sort: { by: 'sinceSeq', order: 'up' } });
    this.#keys = records.map(({ sinceSeq, sealed }) => ({ sinceSeq, key: this.#opened(sealed) }));
  }

  /** The key of the entry with that number, or undefined where it is gone. */
  of(seq: number): Buffer | undefined {
    return this.#keys.findLast(({ sinceSeq }) => sinceSeq < seq)?.key;
  }

  /** Whether a part of the chain cannot be proven any more. */
  get isOneGone(): boolean {
    return this.#keys.some(({ key }) => key === undefined);
  }

  /** The key for what comes after `seq`; a new one where the last cannot be opened. */
  async ready(seq: number, id: string): Promise<void> {
    if (this.#keys.at(-1)?.key) return;
    const key = randomBytes(32);
    // Without this a lost file of keys would look like a chain that nobody ever had a key for.
    if (this.#keys.length === 0 && seq > 0) this.#keys.push({ sinceSeq: 0, key: undefined });
    await this.#records.insert({
      id,
      siteId: WHOLE_APPLIANCE,
      sinceSeq: seq,
      sealed: this.#seal.seal(key.toString('base64url'), TRAIL_KEY_PURPOSE),
    });
    this.#keys.push({ sinceSeq: seq, key });
  }

  #opened(sealed: string): Buffer | undefined {
    try {
      return Buffer.from(this.#seal.open(sealed, TRAIL_KEY_PURPOSE), 'base64url');
    } catch {
      return undefined;
    }
  }
}
