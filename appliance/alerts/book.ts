import type { Hold, Transition } from '../../protocol/alerts.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type AlertRecord, alertRecords } from './documents.ts';
import { noted } from './noted.ts';
import { filterOf, fits, type Search } from './search.ts';

/** The first and the last transitions of an alert that are kept. */
const KEPT = { first: 8, last: 40 } as const;
/** Ends of alerts that are remembered, so that no value is judged twice for them. */
const REMEMBER_MS = 24 * 3_600_000;
const SCAN = 500;

export interface BookParts {
  documents: DocumentStore;
  now: () => number;
  /** Hears of each transition when it is on record, or when that failed: an alert about a full disk must go out all the same. */
  onTransition(alert: AlertRecord, transition: Transition): void;
  /** What keeps an alert quiet now; asked before something of it that people are to be told is written. */
  holdOf?(alert: AlertRecord): Hold | undefined;
  onError(error: unknown, alertId: string): void;
}

/** What a transition says; its number and time of record are the book's. */
export type NewTransition = Omit<Transition, 'n'>;

interface Unsaved {
  record: AlertRecord;
  news: Transition[];
}

/** Every alert: open ones in memory, all of them on disk. Writes of one alert follow each other; a failed one is tried again. */
export class AlertBook {
  readonly #records: Collection<AlertRecord>;
  readonly #parts: BookParts;
  readonly #open = new Map<string, AlertRecord>();
  readonly #stored = new Set<string>();
  readonly #unsaved = new Map<string, Unsaved>();
  readonly #writing = new Map<string, Promise<void>>();
  /** Those with something that is to be told and is not yet on its way, be they over or not. */
  readonly #untold = new Map<string, AlertRecord>();
  /** Key → spans in which an alert of it was open. */
  readonly #ended = new Map<string, { firedAt: number; resolvedAt: number }[]>();

  private constructor(records: Collection<AlertRecord>, parts: BookParts) {
    this.#records = records;
    this.#parts = parts;
  }

  static async open(parts: BookParts): Promise<AlertBook> {
    const book = new AlertBook(await parts.documents.collection(alertRecords), parts);
    const since = parts.now() - REMEMBER_MS;
    for (const record of await book.#records.find()) {
      if (record.untold?.length) {
        book.#stored.add(record.id);
        book.#untold.set(record.id, record);
      }
      if (record.status !== 'resolved' || record.awaitsClear) {
        book.#stored.add(record.id);
        book.#open.set(record.key, record);
      } else if ((record.resolvedAt ?? 0) > since && !record.isLate) book.#remember(record);
    }
    return book;
  }

  /** The alert of that key that is open, or that waits to be clear after a person resolved it. */
  of(key: string): AlertRecord | undefined {
    return this.#open.get(key);
  }

  all(): AlertRecord[] {
    return [...this.#open.values()];
  }

  /** Whether an alert of that key was open then. */
  wasOpen(key: string, at: number): boolean {
    const open = this.#open.get(key);
    if (open && open.status !== 'resolved' && open.firedAt <= at) return true;
    return (this.#ended.get(key) ?? []).some(({ firedAt, resolvedAt }) => firedAt <= at && at < resolvedAt);
  }

  /** When the last alert of that key ended; 0 when none is remembered. */
  endedAt(key: string): number {
    return Math.max(0, ...(this.#ended.get(key) ?? []).map(({ resolvedAt }) => resolvedAt));
  }

  /** Takes a new alert, or what became of a known one, with the transitions that this is; the caller goes on at once. */
  put(record: AlertRecord, transitions: readonly NewTransition[]): AlertRecord {
    const before = record.transitions.at(-1)?.n ?? 0;
    const numbered = transitions.map((each, i) => ({ ...each, n: before + 1 + i }));
    const { fields, news } = noted(record, numbered, { kept: this.current(record.id), holdOf: this.#parts.holdOf });
    return this.#take({ ...fields, transitions: bounded([...record.transitions, ...news]) }, news);
  }

  /** Changes what is kept of telling an alert that is in memory: it is open, or has something to be told. */
  amend(id: string, change: (record: AlertRecord) => AlertRecord): void {
    const record = this.current(id);
    if (record) this.#take(change(record), []);
  }

  /** The alert as it is now, if it is in memory. */
  current(id: string): AlertRecord | undefined {
    return this.#unsaved.get(id)?.record ?? this.#untold.get(id) ?? this.#openById(id);
  }

  /** Alerts with something that is to be told and is not yet on its way. */
  untold(): AlertRecord[] {
    return [...this.#untold.values()];
  }

  #take(next: AlertRecord, news: readonly Transition[]): AlertRecord {
    if (next.untold?.length) this.#untold.set(next.id, next);
    else this.#untold.delete(next.id);
    const isOver = next.status === 'resolved' && !next.awaitsClear;
    if (!next.isLate && isOver) this.#forget(next);
    else if (!next.isLate) this.#open.set(next.key, next);
    const waiting = this.#unsaved.get(next.id);
    this.#unsaved.set(next.id, { record: next, news: [...(waiting?.news ?? []), ...news] });
    this.#flush(next.id);
    return next;
  }

  /** An alert by its id, as it is now. */
  async get(id: string): Promise<AlertRecord | undefined> {
    return this.current(id) ?? (await this.#records.get(id));
  }

  /** One page, newest first. */
  async find(search: Search): Promise<{ items: AlertRecord[]; next?: string }> {
    const items: AlertRecord[] = [];
    let cursor = search.cursor;
    for (;;) {
      const page = await this.#records.find(filterOf(search, cursor), {
        sort: { by: 'id', order: 'down' },
        limit: SCAN,
      });
      for (const stored of page) {
        const found = this.current(stored.id) ?? stored;
        if (!fits(found, search)) continue;
        if (items.length === search.limit) return { items, next: items.at(-1)?.id ?? '' };
        items.push(found);
      }
      cursor = page.at(-1)?.id;
      if (page.length < SCAN || cursor === undefined) return { items };
    }
  }

  /** Takes away what ended before a moment; says how many. */
  async prune(before: number): Promise<number> {
    let count = 0;
    for (const { id, resolvedAt = Number.POSITIVE_INFINITY } of await this.#records.find({ status: 'resolved' }))
      if (resolvedAt < before && !this.#openById(id) && (await this.#records.remove(id))) count += 1;
    const since = this.#parts.now() - REMEMBER_MS;
    for (const [key, spans] of this.#ended) {
      const left = spans.filter(({ resolvedAt }) => resolvedAt > since);
      if (left.length > 0) this.#ended.set(key, left);
      else this.#ended.delete(key);
    }
    return count;
  }

  /** Tries again what could not be written; to be called now and then. */
  retry(): void {
    for (const id of this.#unsaved.keys()) this.#flush(id);
  }

  /** Resolves when what was put is written, or could not be. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  #flush(id: string): void {
    if (this.#writing.has(id)) return;
    const work = this.#write(id).finally(() => {
      this.#writing.delete(id);
    });
    this.#writing.set(id, work);
  }

  /** Writes until nothing is new; a transition is told once, after the write that holds it, or after that failed. */
  async #write(id: string): Promise<void> {
    for (let unsaved = this.#unsaved.get(id); unsaved; unsaved = this.#unsaved.get(id)) {
      const { record, news } = unsaved;
      this.#unsaved.set(id, { record, news: [] });
      let isSaved = false;
      try {
        await this.#save(record);
        isSaved = true;
      } catch (error) {
        this.#parts.onError(error, id);
      }
      for (const transition of news) this.#parts.onTransition(record, transition);
      const isLast = this.#unsaved.get(id)?.record === record;
      if (isSaved && isLast) this.#unsaved.delete(id);
      if (!isSaved && isLast) return; // `retry` comes back to it.
    }
  }

  async #save(record: AlertRecord): Promise<void> {
    if (this.#stored.has(record.id) || record.rev > 0) await this.#records.update(record);
    else await this.#records.insert(record);
    this.#stored.add(record.id);
  }

  #openById(id: string): AlertRecord | undefined {
    for (const record of this.#open.values()) if (record.id === id) return record;
    return undefined;
  }

  #forget(record: AlertRecord): void {
    if (this.#open.get(record.key)?.id === record.id) this.#open.delete(record.key);
    this.#remember(record);
  }

  #remember({ key, firedAt, resolvedAt = firedAt }: AlertRecord): void {
    const others = (this.#ended.get(key) ?? []).filter((each) => each.firedAt !== firedAt);
    this.#ended.set(key, [...others, { firedAt, resolvedAt }]);
  }
}

function bounded(transitions: readonly Transition[]): Transition[] {
  if (transitions.length <= KEPT.first + KEPT.last) return [...transitions];
  return [...transitions.slice(0, KEPT.first), ...transitions.slice(-KEPT.last)];
}
