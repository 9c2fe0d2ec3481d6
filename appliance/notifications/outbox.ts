import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { GIVE_UP_MS, nextTryAt } from './backoff.ts';
import { ChannelError } from './channel.ts';
import { keysOf, type OutboxEntry, outboxEntries, readyOf } from './entries.ts';
import type { Message } from './message.ts';
import { RateCap } from './rate-cap.ts';

const SEND_MS = 30_000;
const AT_ONCE = 4;

export interface Ways {
  channelIds: readonly string[];
  gatherAt?: number | undefined;
  /** Transitions that it tells of; that of its id where nothing is said. */
  covers?: readonly string[];
}

export interface OutboxOptions {
  documents: DocumentStore;
  now: () => number;
  log: Logger;
  /** Speaks to the far end, of one message or of several as one; fails with a `ChannelError`. */
  deliver(entries: readonly OutboxEntry[], signal: AbortSignal): Promise<{ answer: string }>;
  /** More within an hour are gathered into one message, but for critical ones; absent = no bound. */
  mostAnHour?(siteId: string): number;
  /** An entry ended, well or not. */
  onEnd(entry: OutboxEntry): void;
  /** Something of the site is on its way now, or what became of it is known. */
  onChange?(siteId: string): void;
}

/** Messages that are to arrive, on disk until they have, oldest first in each channel; a dead channel never holds another up. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #entries: Collection<OutboxEntry>;
  /** Everything that has not ended. */
  readonly #open = new Map<string, OutboxEntry>();
  readonly #keys = new Set<string>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #cap = new RateCap();
  readonly #stop = new AbortController();

  private constructor(options: OutboxOptions, entries: Collection<OutboxEntry>) {
    this.#options = options;
    this.#entries = entries;
  }

  static async open(options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(options, await options.documents.collection(outboxEntries));
    for (const entry of await outbox.#entries.find()) {
      for (const key of keysOf(entry)) outbox.#keys.add(key);
      const { channelId, isGathered, createdAt, endedAt, state } = entry;
      if (!isGathered) outbox.#cap.took(channelId, createdAt);
      else if (state === 'sent') outbox.#cap.took(channelId, endedAt ?? createdAt);
      if (entry.state === 'waiting' || entry.state === 'sending') outbox.#open.set(entry.id, entry);
    }
    return outbox;
  }

  get waiting(): number {
    return this.#open.size;
  }

  /** Whether a channel has, or has had, the message with that id, or one that tells of that transition. */
  knows(name: string, channelId: string): boolean {
    return this.#keys.has(`${name} ${channelId}`);
  }

  /**
   * Puts a message on its way to channels; durable when it resolves. What is on its way already, or has ended, is left alone. With
   * `gatherAt` it waits until then and goes out as one message with all that wait likewise.
   */
  async add(siteId: string, told: Message, { channelIds, gatherAt, covers }: Ways): Promise<void> {
    const { chart: _madeWhenSent, ...message } = told;
    for (const channelId of channelIds) {
      const key = `${told.id} ${channelId}`;
      const at = this.#options.now();
      const entry = {
        ...{ siteId, key, channelId, message, tries: 0, createdAt: at, state: 'waiting' as const },
        ...(gatherAt === undefined ? this.#wayOf(siteId, channelId, told) : { nextAt: gatherAt, isGathered: true }),
        ...(covers && { covers: [...covers] }),
      };
      if (keysOf(entry).some((each) => this.#keys.has(each))) continue;
      for (const each of keysOf(entry)) this.#keys.add(each);
      try {
        const stored = await this.#entries.insert({ id: newId(at), ...entry });
        this.#open.set(stored.id, stored);
        this.#options.onChange?.(siteId);
        if (!stored.isGathered) this.#cap.took(channelId, at);
      } catch (error) {
        for (const each of keysOf(entry)) this.#keys.delete(each); // Whoever put it here tries again; a full disk must not lose it for good.
        throw error;
      }
    }
  }

  /** At once, or together with all that is too much for the channel. What follows an overflow joins it, so that nothing overtakes. */
  #wayOf(siteId: string, channelId: string, { severity }: Message) {
    const now = this.#options.now();
    if (severity === 'critical') return { nextAt: now };
    const waiting = [...this.#open.values()].find((entry) => entry.channelId === channelId && entry.isOverflow);
    const most = this.#options.mostAnHour?.(siteId) ?? Number.POSITIVE_INFINITY;
    const until = waiting?.nextAt ?? this.#cap.fullUntil(channelId, most, now);
    return until === undefined ? { nextAt: now } : { nextAt: until, isGathered: true, isOverflow: true };
  }

  /** Sends what is due; to be called about once a second and after `add`. Resolves at once, sending goes on. */
  work(): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.now();
    for (const [lane, entries] of this.#lanes()) {
      if (this.#busy.size >= AT_ONCE) return;
      if (this.#busy.has(lane)) continue;
      const ready = readyOf(entries, now);
      const [head] = ready;
      if (!head) continue;
      const done = this.#send(ready)
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
      const way = entry.isOverflow ? ' overflow' : entry.isGathered ? ' gathered' : '';
      const lane = `${entry.channelId}${way}`;
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
    for (const entry of old) {
      await this.#entries.remove(entry.id);
      for (const key of keysOf(entry)) this.#keys.delete(key);
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
      if (sending[0]?.isGathered) this.#cap.took(sending[0].channelId, now());
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
    this.#options.onChange?.(ended.siteId);
  }

  async #change(entry: OutboxEntry): Promise<OutboxEntry> {
    const changed = await this.#entries.update(entry);
    this.#open.set(changed.id, changed);
    this.#options.onChange?.(changed.siteId);
    return changed;
  }
}
