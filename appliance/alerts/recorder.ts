import type { Host } from '../../protocol/hosts.ts';
import { newId } from '../ids.ts';
import type { AlertBook, NewTransition } from './book.ts';
import type { AlertRecord } from './documents.ts';
import type { Change } from './engine/judge.ts';
import { type Entry, keyOf } from './judging/checks.ts';
import { changeText, type Described, reasonOf, titleOf } from './reasons.ts';

/** Whose alert it is. */
export interface Owner {
  siteId: string;
  /** Absent for what belongs to no host. */
  host?: Host;
}

export interface RecorderParts {
  book: AlertBook;
  now: () => number;
  describe(siteId: string, metric: string): Described;
  ownerId(owner: Owner): string;
  /** Something is broken, or no longer, without being an alert. */
  onPending(siteId: string): void;
  /** A rule has so many open alerts in a site that no more are made. */
  onTooMany(siteId: string, rule: { id: string; title: string; most: number }): void;
}

/** Of one rule in one site: more is a rule that is wrong, not so many machines that are. */
export const MOST_OPEN = 500;

const WHY = {
  late: 'the values came late: it was in the past already',
  neverTold: 'nobody was told that it fired',
} as const;

/** Turns changes of judges into alerts on record: what happened, why, with which values, and why nobody is told. */
export class Recorder {
  readonly #parts: RecorderParts;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Takes one change of what is judged now. */
  take(owner: Owner, entry: Entry, change: Change): void {
    if (change.kind === 'pending' || change.kind === 'dropped' || change.kind === 'fired')
      this.#parts.onPending(owner.siteId);
    if (change.kind === 'pending' || change.kind === 'dropped') return;
    const record = this.#parts.book.of(entry.key);
    if (change.kind === 'fired') {
      if (record?.status === 'resolved') this.#parts.book.put({ ...record, awaitsClear: false }, []);
      if (record === undefined || record.status === 'resolved') this.#fire(owner, entry, change);
      return;
    }
    if (!record) return;
    if (change.kind === 'rearmed') this.#parts.book.put({ ...record, awaitsClear: false }, []);
    else if (change.kind === 'resolved') this.#resolve(record, this.#text(owner, entry, change));
    else this.#note(owner, { record, entry, change });
  }

  /** Takes a change of values that came late; `record` is that of the alert, once it fired. */
  takeLate(
    owner: Owner,
    { entry, change, record }: { entry: Entry; change: Change; record: AlertRecord | undefined },
  ): AlertRecord | undefined {
    const transition = { ...this.#text(owner, entry, change), isTold: false, whyNot: WHY.late };
    if (change.kind === 'fired') {
      const made = this.#made(owner, entry, change);
      const late: AlertRecord = { ...made, isLate: true, status: 'resolved', resolvedAt: change.at };
      return this.#parts.book.put(late, [transition]);
    }
    if (record && change.kind === 'resolved')
      return this.#parts.book.put({ ...record, resolvedAt: change.at }, [transition]);
    return record;
  }

  /** Ends an alert because its rule, host or series is no longer judged. */
  withdraw(record: AlertRecord, why: string): void {
    if (record.status === 'resolved') this.#parts.book.put({ ...record, awaitsClear: false }, []);
    else this.#resolve(record, { at: this.#parts.now(), kind: 'resolved', text: why });
  }

  #fire(owner: Owner, entry: Entry, change: Change): void {
    const { rule, fields } = entry.check;
    const open = this.#parts.book.all().filter(({ ruleId, siteId }) => ruleId === rule.id && siteId === owner.siteId);
    if (open.length >= MOST_OPEN) {
      this.#parts.onTooMany(owner.siteId, { id: rule.id, title: fields.title, most: MOST_OPEN });
      return;
    }
    const made = this.#made(owner, entry, change);
    const covering = this.#covering(owner, entry);
    const quiet = covering && `“${covering.ruleTitle}” is open on the same`;
    const fired: NewTransition = {
      ...told(change, made.reason),
      isTold: quiet === undefined,
      ...(quiet !== undefined && { whyNot: quiet }),
    };
    const wasPending = change.sinceAt < change.at;
    const pending: NewTransition = { at: change.sinceAt, kind: 'pending', text: 'It began', isTold: false };
    const record = covering ? { ...made, coveredBy: covering.ruleId } : made;
    this.#parts.book.put(record, wasPending ? [pending, fired] : [fired]);
  }

  #made({ siteId, host }: Owner, entry: Entry, change: Change): AlertRecord {
    const { check, subject, key } = entry;
    const { rule, fields } = check;
    const described = this.#described(siteId, entry);
    const toTell = { entry, change, described, status: host?.statusReason };
    const { opened } = check;
    const series = subject.kind === 'series' ? seriesOf(subject, described?.unit) : undefined;
    return {
      id: newId(this.#parts.now()),
      rev: 0,
      siteId,
      key,
      status: 'open',
      severity: entry.severity ?? fields.severity,
      title: titleOf(toTell),
      reason: reasonOf(toTell),
      ruleId: rule.id,
      ruleRev: rule.rev,
      ruleTitle: fields.title,
      condition: fields.condition,
      ...(host && { hostId: host.id, hostName: host.name }),
      ...(series && { series }),
      ...(subject.kind === 'fact' && { fact: subject.fact }),
      ...(Number.isFinite(change.value) && check.input !== 'facts' && { value: change.value }),
      ...(opened.threshold !== undefined && { threshold: opened.threshold }),
      sinceAt: Math.round(change.sinceAt),
      firedAt: Math.round(change.at),
      isStale: false,
      isLate: false,
      ...(change.heldUntil !== undefined && { heldUntil: change.heldUntil }),
      ...(fields.remedy !== undefined && { remedy: fields.remedy }),
      transitions: [],
      awaitsClear: false,
      changes: [...(entry.judge?.changes ?? [])],
    };
  }

  #resolve(record: AlertRecord, transition: Omit<NewTransition, 'isTold'>): void {
    const wasTold = record.transitions.some(({ isTold }) => isTold);
    const { heldUntil: _, snoozedUntil: __, ...rest } = record;
    const over: AlertRecord = { ...rest, status: 'resolved', resolvedAt: transition.at, isStale: false };
    const spoken = wasTold ? { isTold: true } : { isTold: false, whyNot: WHY.neverTold };
    this.#parts.book.put(over, [{ ...transition, ...spoken }]);
    this.#raise(over);
  }

  #note(owner: Owner, { record, entry, change }: { record: AlertRecord; entry: Entry; change: Change }): void {
    const { heldUntil: _, ...rest } = record;
    const next: AlertRecord = {
      ...rest,
      isStale: change.kind === 'stale' || (record.isStale && change.kind !== 'fresh'),
      changes: [...(entry.judge?.changes ?? [])],
      ...(change.heldUntil !== undefined && { heldUntil: change.heldUntil }),
    };
    const isNews = change.kind === 'settled' || change.kind === 'flapping';
    const whyNot = isNews ? quietBy(record) : 'it is as it was';
    const spoken = whyNot === undefined ? { isTold: true } : { isTold: false, whyNot };
    this.#parts.book.put(next, [{ ...this.#text(owner, entry, change), ...spoken }]);
  }

  /** Alerts that nobody was told of because of this one, and that go on, are told now. */
  #raise(over: AlertRecord): void {
    for (const record of this.#parts.book.all()) {
      const { coveredBy, ...rest } = record;
      if (coveredBy !== over.ruleId || record.status === 'resolved' || !isSameSubject(record, over)) continue;
      const at = this.#parts.now();
      const text = `“${over.ruleTitle}” is over, this goes on: ${record.reason}`;
      this.#parts.book.put(rest, [{ at, kind: 'raised', text, isTold: true }]);
    }
  }

  #covering(owner: Owner, { check, subject }: Entry): AlertRecord | undefined {
    const { coveredBy } = check.rule;
    if (coveredBy === undefined) return undefined;
    const record = this.#parts.book.of(keyOf(coveredBy, this.#parts.ownerId(owner), subject));
    return record?.status === 'resolved' ? undefined : record;
  }

  #text(owner: Owner, entry: Entry, change: Change): Omit<NewTransition, 'isTold'> {
    const described = this.#described(owner.siteId, entry);
    return told(change, changeText({ entry, change, described, status: owner.host?.statusReason }));
  }

  #described(siteId: string, { subject }: Entry): Described {
    return subject.kind === 'series' ? this.#parts.describe(siteId, subject.metric) : undefined;
  }
}

function told({ kind, at, samples }: Change, text: string): Omit<NewTransition, 'isTold'> {
  const shown = kind === 'rearmed' || kind === 'dropped' ? 'resolved' : kind; // These two never come here.
  const finite = samples.filter(([, value]) => Number.isFinite(value));
  return { at: Math.round(at), kind: shown, text, ...(finite.length > 0 && { samples: finite }) };
}

function seriesOf(
  subject: { id?: number; metric: string; attributes: Record<string, string> },
  unit: string | undefined,
) {
  const { id, metric, attributes } = subject;
  return { metric, attributes, ...(id !== undefined && id > 0 && { id }), ...(unit !== undefined && { unit }) };
}

const isSameSubject = (a: AlertRecord, b: AlertRecord): boolean =>
  a.hostId === b.hostId && a.key.slice(a.key.indexOf('|')) === b.key.slice(b.key.indexOf('|'));

/** Why nobody is told of what an open alert does. */
function quietBy({ snoozedUntil, transitions }: AlertRecord): string | undefined {
  if (snoozedUntil !== undefined) return 'it is snoozed';
  return transitions.some(({ isTold }) => isTold) ? undefined : WHY.neverTold;
}

/** What an alert is about, as the engine names it. */
export function subjectOf({ series, fact }: AlertRecord): Entry['subject'] {
  if (fact) return { kind: 'fact', fact };
  if (!series) return { kind: 'host' };
  const { id, metric, attributes } = series;
  return { kind: 'series', metric, attributes, ...(id !== undefined && { id }) };
}
