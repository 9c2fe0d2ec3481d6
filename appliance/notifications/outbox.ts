import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { ChannelError } from './channel.ts';
import { type OutboxEntry, outboxEntries } from './entries.ts';
import type { Message } from './message.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Between two tries; the last one repeats. */
const BACKOFF_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
];
/** After a day nobody wants to hear of it; it stands in the delivery log as given up. */
export const GIVE_UP_MS = 86_400_000;
const SEND_MS = 30 * SECOND_MS;
const AT_ONCE = 4;

/** When a message that failed for the `tries`th time is tried again. */
export const nextTryAt = (now: number, tries: number, retryAfterMs = 0): number =>
  now + Math.max(retryAfterMs, BACKOFF_MS[Math.min(tries, BACKOFF_MS.length) - 1] ?? 0);

export interface Ways {
  channelIds: readonly string[];
  gatherAt?: number | undefined;
}

export interface OutboxOptions {
  documents: DocumentStore;
  now: () => number;
  log: Logger;
  /** Speaks to the far end, of one message or of several as one; fails with a `ChannelError`. */
  deliver(entries: readonly OutboxEntry[], signal: AbortSignal): Promise<{ answer: string }>;
  /** An entry ended, well or not. */
  onEnd(entry: OutboxEntry): void;
}

/** Messages that are to arrive, on disk until they have, oldest first in each channel; a dead channel never holds another up. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries: Collection<OutboxEntry>;
  /** Everything that has not ended. */
  readonly #open = new Map<string, OutboxEntry>();
  readonly #keys = new Set<string>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  private constructor(options: OutboxOptions, entries: Collection<OutboxEntry>) {
    this.#options = options;
    this.#entries = entries;
  }

  static async open(options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(options, await options.documents.collection(outboxEntries));
    for (const entry of await outbox.#entries.find()) {
      outbox.#keys.add(entry.key);
      if (entry.state === 'waiting' || entry.state === 'sending') outbox.#open.set(entry.id, entry);
    }
    return outbox;
  }

  get waiting(): number {
    return this.#open.size;
  }

  /**
   * Puts a message on its way to channels; durable when it resolves. What is on its way already, or has ended, is left alone. With
   * `gatherAt` it waits until then and goes out as one message with all that wait likewise.
   */
  async add(siteId: string, told: Message, { channelIds, gatherAt }: Ways): Promise<void> {
    const { chart: _madeWhenSent, ...rest } = told;
    for (const channelId of channelIds) {
      const key = `${told.id} ${channelId}`;
      if (this.#keys.has(key)) continue;
      this.#keys.add(key);
      const at = this.#options.now();
      const when = gatherAt === undefined ? { nextAt: at } : { nextAt: gatherAt, isGathered: true };
      const state = { state: 'waiting' as const, tries: 0, createdAt: at, ...when };
      try {
        const entry = await this.#entries.insert({ id: newId(at), siteId, key, channelId, message: rest, ...state });
        this.#open.set(entry.id, entry);
      } catch (error) {
        this.#keys.delete(key); // Whoever put it here tries again; a full disk must not lose it for good.
        throw error;
      }
    }
  }

  /** Sends what is due; to be called about once a second and after `add`. Resolves at once, sending goes on. */
  work(): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.now();
    for (const [lane, entries] of this.#lanes()) {
      if (this.#busy.size >= AT_ONCE) return;
      const due = entries.filter(({ nextAt }) => nextAt <= now);
      const [head] = entries;
      if (!head || head.nextAt > now || this.#busy.has(lane)) continue;
      const done = this.#send(head.isGathered ? due : [head])
        .catch((error) => this.#options.log.error({ err: error, entryId: head.id }, 'the outbox could not be written'))
        .finally(() => this.#busy.delete(lane));
      this.#busy.set(lane, done);
    }
  }

  /**
   * What waits, by channel and in order: the others wait behind the first, so that "resolved" never arrives before "firing". What is to
   * be gathered waits apart, so that it holds nothing urgent up.
   */
  #lanes(): Map<string, OutboxEntry[]> {
    const lanes = new Map<string, OutboxEntry[]>();
    for (const entry of [...this.#open.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const lane = `${entry.channelId}${entry.isGathered ? ' gathered' : ''}`;
      lanes.set(lane, [...(lanes.get(lane) ?? []), entry]);
    }
    return lanes;
  }

  /** Ends what is being sent; it stays on its way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#busy.values());
  }

  /** Resolves when nothing is being sent. */
  async settled(): Promise<void> {
    await Promise.all(this.#busy.values());
  }

  /** Entries of a site, newest first, whatever became of them. */
  async list(siteId: string): Promise<OutboxEntry[]> {
    return this.#entries.find({ siteId }, { sort: { by: 'id', order: 'down' } });
  }

  /** Forgets what ended before `before`; the answer says how many. */
  async prune(before: number): Promise<number> {
    const old = (await this.#entries.find({ endedAt: { lt: before } })).filter(({ id }) => !this.#open.has(id));
    for (const { id, key } of old) {
      await this.#entries.remove(id);
      this.#keys.delete(key);
    }
    return old.length;
  }

  async #send(entries: readonly OutboxEntry[]): Promise<void> {
    const sending: OutboxEntry[] = [];
    for (const entry of entries)
      sending.push(await this.#change({ ...entry, state: 'sending', tries: entry.tries + 1 }));
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(SEND_MS)]);
    const { now, deliver } = this.#options;
    try {
      const { answer } = await deliver(sending, signal);
      for (const { error: _isOver, ...entry } of sending)
        await this.#end({ ...entry, state: 'sent', answer, endedAt: now() });
    } catch (error) {
      if (this.#stop.signal.aborted) return; // They stay `sending`: nobody knows whether they arrived.
      for (const entry of sending) if (this.#open.has(entry.id)) await this.#failed(entry, error);
    }
  }

  async #failed(entry: OutboxEntry, error: unknown): Promise<void> {
    const { now, log } = this.#options;
    const known = error instanceof ChannelError ? error : undefined;
    if (!known) log.error({ err: error, entryId: entry.id }, 'a channel failed in a way of its own');
    const why = known?.message ?? 'The channel failed inside Reeve; look into the log';
    const nextAt = nextTryAt(now(), entry.tries, known?.retryAfterMs);
    const isOver = known?.mayRetry === false || nextAt > entry.createdAt + GIVE_UP_MS;
    if (isOver) return this.#end({ ...entry, state: 'given-up', error: why, endedAt: now() });
    await this.#change({ ...entry, state: 'waiting', error: why, nextAt });
  }

  async #end(entry: OutboxEntry): Promise<void> {
    this.#open.delete(entry.id); // First: what has arrived is not sent again, even if that cannot be written down.
    const ended = await this.#entries.update(entry);
    this.#options.onEnd(ended);
  }

  async #change(entry: OutboxEntry): Promise<OutboxEntry> {
    const changed = await this.#entries.update(entry);
    this.#open.set(changed.id, changed);
    return changed;
  }
}
