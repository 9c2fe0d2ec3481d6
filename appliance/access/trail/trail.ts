import type { TrailVerdict } from '../../../protocol/routes/trail.ts';
import type { AuditEvent } from '../../hub.ts';
import { newId } from '../../ids.ts';
import type { Seal } from '../../seal.ts';
import type { Collection, DocumentStore } from '../../store/documents.ts';
import { Turns } from '../../turns.ts';
import { type Flaw, hashOf, headMissing, isSame, type Place } from './chain.ts';
import { backwards, between, checkChain } from './check.ts';
import { anchors, type Entry, entries, heads, type Sealed, trailKeys, WHOLE_APPLIANCE } from './documents.ts';
import { TrailKeys } from './keys.ts';
import { Marks } from './marks.ts';
import { masked } from './mask.ts';
import { dropThrough, LEAST_KEPT_MS, lastBefore } from './prune.ts';

export interface TrailOptions {
  documents: DocumentStore;
  seal: Seal;
  log: Record<'info' | 'error', (fields: object, text: string) => void>;
  now: () => number;
  /** Names of further fields that are masked. */
  secrets?: () => ReadonlySet<string>;
  /** Entries that wait in memory while the disk takes nothing; beyond it the oldest are lost, which is counted and written down later. */
  mostWaiting?: number;
}

const MOST_WAITING = 1_000;

/**
 * Who did what: entries that each carry an HMAC over themselves and the one before, so that whoever changes, takes, adds or moves
 * one without the key is found; the end of the chain is kept apart, so that a cut tail is found too. Entries are only added, and
 * pruned from the front, where an anchor takes the place of what went.
 */
export class Trail {
  readonly #options: TrailOptions;
  readonly #entries: Collection<Entry>;
  readonly #heads: Marks;
  readonly #anchors: Marks;
  readonly #keys: TrailKeys;
  readonly #turns = new Turns();
  readonly #waiting: AuditEvent[] = [];
  #head: Place = { seq: 0, hash: '' };
  #anchor: Place = { seq: 0, hash: '' };
  #lost = 0;
  #isDraining = false;
  #failure = '';
  #verdict: TrailVerdict | undefined;
  /** What was wrong with the marks when the trail was opened; they are right since. */
  readonly #atOpening: Flaw[] = [];

  private constructor(
    options: TrailOptions,
    store: { entries: Collection<Entry>; heads: Marks; anchors: Marks; keys: TrailKeys },
  ) {
    this.#options = options;
    this.#entries = store.entries;
    this.#heads = store.heads;
    this.#anchors = store.anchors;
    this.#keys = store.keys;
  }

  /** Opens the chain and goes on behind its newest entry, also where the appliance was stopped between an entry and its head. */
  static async open(options: TrailOptions): Promise<Trail> {
    const { documents, seal, now } = options;
    const keys = new TrailKeys(await documents.collection(trailKeys), seal);
    await keys.load();
    const trail = new Trail(options, {
      entries: await documents.collection(entries),
      heads: new Marks('head', await documents.collection(heads), { keys, now }),
      anchors: new Marks('anchor', await documents.collection(anchors), { keys, now }),
      keys,
    });
    await trail.#resume();
    return trail;
  }

  /** Takes an entry; it is written as soon as the ones before it are. Never fails: what cannot be written waits. */
  record(event: AuditEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > (this.#options.mostWaiting ?? MOST_WAITING)) {
      this.#waiting.shift();
      this.#lost++;
    }
    void this.retry();
  }

  /** Writes what waits; to be called now and then while the disk takes nothing. Resolves when it was tried. */
  retry(): Promise<void> {
    if (this.#isDraining) return this.#turns.run(async () => undefined);
    this.#isDraining = true;
    return this.#turns
      .run(() => this.#drain())
      .finally(() => {
        this.#isDraining = false;
      });
  }

  /** Resolves when everything that was recorded is on the disk, or has been tried. */
  async settled(): Promise<void> {
    do await this.retry();
    while (this.#waiting.length > 0 && !this.#failure);
  }

  /** For the health page. */
  state(): { status: 'ok' | 'degraded'; detail: string } {
    if (this.#failure) {
      const lost = this.#lost > 0 ? `, ${this.#lost} were lost` : '';
      return {
        status: 'degraded',
        detail: `${this.#waiting.length} entries wait to be written${lost}: ${this.#failure}`,
      };
    }
    const flaw = this.#atOpening[0] ?? this.#verdict?.problems[0];
    if (flaw) return { status: 'degraded', detail: `the chain does not hold at entry ${flaw.seq}: ${flaw.text}` };
    return { status: 'ok', detail: `${this.#head.seq - this.#anchor.seq} entries` };
  }

  /** Figures for `/metrics`. */
  get counts(): { entries: number; waiting: number; lost: number } {
    return { entries: this.#head.seq - this.#anchor.seq, waiting: this.#waiting.length, lost: this.#lost };
  }

  /** Entries from newest to oldest, in portions; those behind `before` (an entry's number) only. */
  backwards(before = Number.MAX_SAFE_INTEGER): AsyncGenerator<Entry[]> {
    return backwards(this.#entries, this.#anchor.seq, Math.min(before, this.#head.seq + 1));
  }

  /** Number of the entry with that id, or undefined when there is none any more. */
  async seqOf(id: string): Promise<number | undefined> {
    return (await this.#entries.get(id))?.seq;
  }

  /** Checks every entry against the key, its neighbour, the anchor and the head. */
  verify(): Promise<TrailVerdict> {
    return this.#turns.run(async () => {
      const place = { anchor: this.#anchor, head: this.#head };
      const checked = await checkChain({ entries: this.#entries, keys: this.#keys, ...place, known: this.#atOpening });
      this.#verdict = { ...checked, checkedAt: this.#options.now() };
      return this.#verdict;
    });
  }

  /** Takes away entries from before `before`, but none younger than 90 days; the anchor keeps the rest provable. Answers how many went. */
  prune(asked: number): Promise<number> {
    return this.#turns.run(async () => {
      const before = Math.min(asked, this.#options.now() - LEAST_KEPT_MS);
      const last = await lastBefore(this.#entries, { anchor: this.#anchor, head: this.#head, before });
      if (last) {
        await this.#anchors.save(last);
        this.#anchor = { seq: last.seq, hash: last.hash };
      }
      return dropThrough(this.#entries, this.#anchor.seq);
    });
  }

  async #drain(): Promise<void> {
    try {
      if (this.#lost > 0) await this.#writeGap();
      do {
        for (let event = this.#waiting[0]; event; event = this.#waiting[0]) {
          await this.#append(event);
          // While it was written the oldest may have been given up for lost.
          if (this.#waiting[0] === event) this.#waiting.shift();
        }
        await this.#heads.save(this.#head);
      } while (this.#waiting.length > 0); // Some came while the head was saved.
      this.#failure = '';
    } catch (error) {
      this.#failed(error);
    }
  }

  async #writeGap(): Promise<void> {
    const lost = this.#lost;
    await this.#append({
      at: this.#options.now(),
      who: 'appliance',
      from: '',
      what: 'trail.lost',
      detail: { entries: lost },
    });
    this.#lost -= lost;
  }

  #failed(error: unknown): void {
    if (!this.#failure) this.#options.log.error({ err: error }, 'the audit trail cannot be written; entries wait');
    this.#failure = error instanceof Error ? error.message : String(error);
  }

  async #append(event: AuditEvent): Promise<void> {
    const secrets = this.#options.secrets?.();
    const seq = this.#head.seq + 1;
    await this.#readyKey();
    const key = this.#keys.of(seq);
    if (!key) throw new Error('the key of the audit trail is missing');
    const { at, siteId = WHOLE_APPLIANCE, who, from, what, detail, before, after } = event;
    const sealed: Sealed = {
      ...{ id: newId(at), siteId, seq, at, who, from, what, prev: this.#head.hash },
      detail: masked(detail, secrets) as Record<string, unknown>,
      ...(before !== undefined && { before: masked(before, secrets) }),
      ...(after !== undefined && { after: masked(after, secrets) }),
    };
    const hash = hashOf(key, sealed);
    await this.#entries.insert({ ...sealed, hash });
    this.#head = { seq, hash };
    // The log is a witness outside of these files.
    const { prev: _, ...entry } = sealed;
    this.#options.log.info({ ...entry, hash }, what);
  }

  async #resume(): Promise<void> {
    this.#anchor = (await this.#read(this.#anchors)) ?? this.#anchor;
    const head = await this.#read(this.#heads);
    this.#head = head ?? this.#anchor;
    // Entries are written before their head: what follows from it in good order is as good as what it vouches for.
    for (let more = await this.#next(); more; more = await this.#next())
      this.#head = { seq: more.seq, hash: more.hash };
    if (!head && this.#atOpening.length === 0 && this.#head.seq > 0) this.#atOpening.push(headMissing(this.#head.seq));
    try {
      await this.#readyKey();
      if (head?.seq !== this.#head.seq || head.hash !== this.#head.hash) await this.#heads.save(this.#head);
    } catch (error) {
      this.#failed(error);
    }
    const { now } = this.#options;
    // The marks are right from here on, so what was wrong with them has to stand where it lasts.
    for (const detail of this.#atOpening)
      this.record({ at: now(), who: 'appliance', from: '', what: 'trail.damaged', detail: { ...detail } });
  }

  async #read(marks: Marks): Promise<Place | undefined> {
    const { place, flaw } = await marks.read();
    if (flaw) this.#atOpening.push(flaw);
    return place;
  }

  async #readyKey(): Promise<void> {
    await this.#keys.ready(this.#head.seq, newId(this.#options.now()));
  }

  async #next(): Promise<Entry | undefined> {
    const seq = this.#head.seq + 1;
    const [found] = await between(this.#entries, seq, seq + 1);
    const key = this.#keys.of(seq);
    if (!found || found.prev !== this.#head.hash) return undefined;
    return !key || isSame(hashOf(key, found), found.hash) ? found : undefined;
  }
}
