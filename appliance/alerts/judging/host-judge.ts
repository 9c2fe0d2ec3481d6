import type { Severity } from '../../../protocol/alerts.ts';
import type { LiveSeries } from '../../../protocol/live.ts';
import { type Change, Judge, type Kept } from '../engine/judge.ts';
import type { Pace } from '../engine/sustain.ts';
import { isAboutSeries } from '../rules/effective.ts';
import { asSubject, type Check, type Entry, keyOf, type Subject } from './checks.ts';

/** An alert that was open, or waits to be clear, when its host is taken up again. */
export interface Restored {
  ruleId: string;
  subject: Subject;
  kept: Kept;
}

export interface HostJudgeParts {
  /** Id of the host, or of the site for what belongs to no host. */
  owner: string;
  checks: readonly Check[];
  /** Two values further apart say nothing about the time between them. */
  gapMs: number;
  restored: readonly Restored[];
  /** Hears of every change, at once. */
  onChange(entry: Entry, change: Change): void;
}

export interface FoundFact {
  kind: string;
  key: string;
  isWrong: boolean;
  severity: Severity;
  text: string;
}

interface Plan {
  entries: Entry[];
  /** Where in the frame the value of each entry is. */
  places: number[];
}

const MOST_PLANS = 8;
const RANK: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/**
 * Judges everything of one host. What a frame needs is laid out once for each layout of series, which frames share; a series on
 * which nothing is wrong has no state at all, so that a value costs one comparison.
 */
export class HostJudge {
  readonly #parts: HostJudgeParts;
  readonly #byMetric = new Map<string, Check[]>();
  readonly #ofSeries = new Map<number | string, Entry[]>();
  readonly #entries = new Map<string, Entry>();
  readonly #active = new Set<Entry>();
  #plans = new Map<readonly LiveSeries[], Plan>();
  #gapMs: number;
  #hear: HostJudgeParts['onChange'];

  constructor(parts: HostJudgeParts) {
    this.#parts = parts;
    this.#hear = parts.onChange;
    this.#gapMs = parts.gapMs;
    for (const check of parts.checks) {
      const { metric } = check.fields;
      if (check.input === 'values' && metric !== undefined)
        this.#byMetric.set(metric, [...(this.#byMetric.get(metric) ?? []), check]);
      if (check.input === 'silence') this.#entry(check, { kind: 'host' });
    }
    for (const each of parts.restored) this.#restore(each);
  }

  get checks(): readonly Check[] {
    return this.#parts.checks;
  }

  /** Every entry that is more than ok. */
  active(): Entry[] {
    return [...this.#active];
  }

  entry(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** The host reports at another interval. */
  setGap(gapMs: number): void {
    this.#gapMs = gapMs;
    for (const { judge, check } of this.#active) if (check.input === 'values') judge?.setGap(gapMs);
  }

  /** Takes all values of one moment. The array of series is the same one for frames of the same layout. */
  frame(series: readonly LiveSeries[], values: readonly (number | null)[], at: number): void {
    const { entries, places } = this.#plans.get(series) ?? this.#plan(series);
    for (let i = 0; i < entries.length; i++) {
      const value = values[places[i] ?? -1];
      const entry = entries[i];
      if (entry !== undefined && value !== null && value !== undefined) this.#see(entry, value, at);
    }
  }

  /** Takes one value of one series. */
  one(series: LiveSeries, value: number, at: number): void {
    for (const entry of this.#entriesOf(series)) this.#see(entry, value, at);
  }

  /**
   * Shows values of the past, of one rule and series. What began and ended in them is not told again: only an alert that is open
   * after them and was not before, and one that is over after them.
   */
  replay(check: Check, series: LiveSeries, rows: Iterable<readonly [at: number, value: number]>): void {
    const entry = this.#entriesOf(series).find((each) => each.check === check);
    if (!entry) return;
    const wasOpen = entry.judge?.phase === 'firing';
    let last: Change | undefined;
    this.#hear = (_entry, change) => {
      if (change.kind === 'fired' || change.kind === 'resolved') last = change;
      if (change.kind === 'rearmed') this.#parts.onChange(entry, change); // Or it would wait to be clear for ever.
    };
    for (const [at, value] of rows) this.#see(entry, value, at);
    this.#hear = this.#parts.onChange;
    const isOpen = entry.judge?.phase === 'firing';
    if (last && isOpen !== wasOpen) this.#hear(entry, last);
  }

  /** Takes how long the host has been silent at `now`. */
  silence(silentMs: number, now: number): void {
    for (const check of this.#parts.checks)
      if (check.input === 'silence') this.#see(this.#entry(check, { kind: 'host' }), silentMs, now);
  }

  /** Takes a fact; a rule that names its kind has it, else the one for all others. `named` are the kinds that rules of the site name. */
  fact(found: FoundFact, named: ReadonlySet<string>, now: number): void {
    for (const check of this.#parts.checks) {
      if (check.input !== 'facts') continue;
      const {
        kinds = [],
        least = 'low',
        severity,
      } = check.settings as { kinds?: string[]; least?: Severity; severity?: string };
      const isMeant = kinds.length > 0 ? kinds.includes(found.kind) : !named.has(found.kind);
      if (!isMeant) continue;
      const entry = this.#entry(check, { kind: 'fact', fact: { kind: found.kind, key: found.key } });
      entry.note = found.text;
      entry.severity = severity === 'the-rules' ? check.fields.severity : found.severity;
      entry.value = found.isWrong && RANK.indexOf(found.severity) <= RANK.indexOf(least) ? 1 : 0;
      this.#see(entry, entry.value, now);
    }
  }

  /** Takes in how many days a series reaches its limit, with the forecast in words. */
  trend(check: Check, series: LiveSeries, { days, note, now }: { days: number; note: string; now: number }): void {
    const entry = this.#entry(check, asSubject(series));
    entry.note = note;
    this.#see(entry, days, now);
  }

  /** What time alone does; to be called about once a second. */
  tick(now: number): void {
    for (const entry of this.#active) {
      if (entry.value !== undefined) this.#see(entry, entry.value, now);
      const change = entry.judge?.tick(now);
      if (change) this.#hear(entry, change);
      if (entry.judge?.isIdle(now)) this.#rest(entry);
    }
  }

  /** A person said that an alert is over. Says whether it has to be clear before it may fire again. */
  resolve(key: string): boolean {
    return this.#entries.get(key)?.judge?.resolve() ?? false;
  }

  #see(entry: Entry, value: number, at: number): void {
    const verdict = entry.watch.of(value, at);
    if (entry.judge === undefined) {
      if (verdict !== 'broken') return;
      entry.judge = new Judge(this.#paceOf(entry.check));
      this.#active.add(entry);
    }
    const change = entry.judge.observe(verdict, value, at);
    if (change) this.#hear(entry, change);
  }

  #rest(entry: Entry): void {
    entry.judge = undefined;
    this.#active.delete(entry);
    // Facts come and go; those of series stay, because plans hold them.
    if (entry.subject.kind === 'fact') this.#entries.delete(entry.key);
  }

  #paceOf({ fields: { forMs, share, clearForMs }, input }: Check): Pace {
    return { forMs, share, clearForMs, gapMs: input === 'values' ? this.#gapMs : Number.POSITIVE_INFINITY };
  }

  #plan(series: readonly LiveSeries[]): Plan {
    const plan: Plan = { entries: [], places: [] };
    for (const [place, each] of series.entries()) {
      for (const entry of this.#entriesOf(each)) {
        plan.entries.push(entry);
        plan.places.push(place);
      }
    }
    if (this.#plans.size >= MOST_PLANS) this.#plans = new Map();
    this.#plans.set(series, plan);
    return plan;
  }

  #entriesOf(series: LiveSeries): readonly Entry[] {
    const known = this.#ofSeries.get(series.id);
    if (known) return known;
    const checks = (this.#byMetric.get(series.metric) ?? []).filter(({ fields }) => isAboutSeries(fields, series));
    const entries = checks.map((check) => this.#entry(check, asSubject(series)));
    this.#ofSeries.set(series.id, entries);
    return entries;
  }

  #entry(check: Check, subject: Subject): Entry {
    const key = keyOf(check.rule.id, this.#parts.owner, subject);
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: Entry = { key, check, subject, watch: check.opened.watch(), judge: undefined };
    this.#entries.set(key, entry);
    return entry;
  }

  #restore({ ruleId, subject, kept }: Restored): void {
    const check = this.#parts.checks.find(({ rule }) => rule.id === ruleId);
    if (!check) return;
    const entry = this.#entry(check, subject);
    entry.judge = new Judge(this.#paceOf(check), kept);
    this.#active.add(entry);
  }
}

/** Whether a check is still about what an alert was about. */
export const stillAbout = (
  checks: readonly Check[],
  { ruleId, subject }: { ruleId: string; subject: Subject },
  named: ReadonlySet<string>,
): boolean =>
  checks.some(({ rule, fields, settings }) => {
    if (rule.id !== ruleId) return false;
    if (subject.kind === 'series') return isAboutSeries(fields, subject);
    if (subject.kind === 'host') return true;
    const { kinds = [] } = settings as { kinds?: string[] };
    return kinds.length > 0 ? kinds.includes(subject.fact.kind) : !named.has(subject.fact.kind);
  });
