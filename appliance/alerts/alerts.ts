// Over 250 lines, because everything that reaches the judges, in the order in which it may, is to be read in one place.
import type { Alert, Hold } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import { INTERVAL_MS } from '../../protocol/limits.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { HistoryQuery, HistoryResult } from '../history/history.ts';
import type { FactEvent, FrameEvent, Hub } from '../hub.ts';
import type { Logger } from '../log.ts';
import type { DocumentStore } from '../store/documents.ts';
import { AlertBook } from './book.ts';
import { type AlertRecord, asAlert } from './documents.ts';
import type { Change } from './engine/judge.ts';
import { Facts } from './facts.ts';
import { outlooksOf } from './forecasts.ts';
import { type Check, checksOf, type Entry } from './judging/checks.ts';
import { HostJudge, type Restored, stillAbout } from './judging/host-judge.ts';
import { LateRun } from './judging/late-run.ts';
import type { Described } from './reasons.ts';
import { rebuild } from './rebuild.ts';
import { type Owner, Recorder, type RecorderParts, subjectOf } from './recorder.ts';
import type { KnownRule } from './rules/effective.ts';
import { Rules } from './rules/rules.ts';
import { TooMany } from './too-many.ts';

export interface AlertsParts {
  documents: DocumentStore;
  hub: Hub;
  log: Logger;
  now: () => number;
  /** Every host of every site. */
  hosts(): readonly Host[];
  /** Site in which alerts about the appliance itself are; absent until there is an owner. */
  applianceSite(): string | undefined;
  describe(siteId: string, metric: string): Described;
  query(query: HistoryQuery): Promise<HistoryResult>;
  /** What keeps an alert quiet now. */
  holdOf?(alert: Alert): Hold | undefined;
}

/** Who is told of facts about the appliance as a whole (`jobs`, `system`). */
const APPLIANCE = 'appliance';
/** The clock of a host, as the link measures it; not a metric of the agent, because the agent cannot know. */
const CLOCK: LiveSeries = { id: -1, metric: 'reeve.agent.clock.offset', attributes: {} };
/** Ticks come each second; after a longer pause the machine slept, or its time was set, and nobody's silence means anything. */
const PAUSE_MS = 30_000;
const RETRY_MS = 30_000;
const FORESEE_MS = 3_600_000;
const GAP_INTERVALS = 2.5;

/** Further apart than this, two values of a host say nothing about the time between them; the same bound as for late ones. */
const gapOf = (intervalMs: number): number => Math.max(GAP_INTERVALS * intervalMs, INTERVAL_MS.watchLease);

/** Judges every host by the rules of its site, and keeps what became of it. */
export class Alerts {
  readonly rules: Rules;
  readonly book: AlertBook;
  readonly #parts: AlertsParts;
  readonly #facts: Facts;
  readonly #recorder: Recorder;
  readonly #judges = new Map<string, HostJudge>();
  readonly #hosts = new Map<string, Host>();
  readonly #heardAt = new Map<string, number>();
  readonly #late = new Map<string, LateRun>();
  readonly #tooMany: TooMany;
  readonly #named = new Map<string, ReadonlySet<string>>();
  #tickedAt: number;
  #triedAt: number;
  #foreseeAt = 0;

  private constructor(parts: AlertsParts, stores: { rules: Rules; book: AlertBook; facts: Facts }) {
    const { now, describe } = parts;
    const { rules, book, facts } = stores;
    this.#parts = parts;
    this.rules = rules;
    this.book = book;
    this.#facts = facts;
    this.#tooMany = new TooMany(parts.hub, now);
    const onTooMany: RecorderParts['onTooMany'] = (...told) => this.#tooMany.tell(...told);
    const onPending = (siteId: string): void => parts.hub.emit('pending', { siteId });
    this.#recorder = new Recorder({ book, now, describe, ownerId, onTooMany, onPending });
    this.#tickedAt = now();
    this.#triedAt = now();
  }

  /** Takes up every open alert, fills the windows of rules from history, and listens. To be called before frames come in. */
  static async open(parts: AlertsParts): Promise<Alerts> {
    const { documents, hub, log, now } = parts;
    const book = await AlertBook.open({
      documents,
      now,
      onTransition: (record, transition) => hub.emit('alert', { alert: asAlert(record), transition }),
      holdOf: (record) => parts.holdOf?.(asAlert(record)),
      onError: (err, alertId) => log.error({ err, alertId }, 'an alert could not be written; it is tried again'),
    });
    const facts = await Facts.open(documents, (err) => log.error({ err }, 'a fact could not be written'));
    const alerts = new Alerts(parts, { rules: await Rules.open(documents, now), book, facts });
    await alerts.#begin();
    return alerts;
  }

  /** Judges what time alone changes; to be called about once a second. */
  tick(): void {
    const now = this.#parts.now();
    const isPause = now - this.#tickedAt > PAUSE_MS || now < this.#tickedAt;
    this.#tickedAt = now;
    if (isPause) for (const id of this.#heardAt.keys()) if (!this.#missedSince(id)) this.#heardAt.set(id, now);
    for (const [id, judge] of this.#judges) {
      const host = this.#hosts.get(id);
      if (host) this.#silence(judge, host, now);
      judge.tick(now);
    }
    for (const [id, run] of this.#late) if (run.isOver(now)) this.#late.delete(id);
    this.#wake(now);
    if (now - this.#triedAt < RETRY_MS) return;
    this.#triedAt = now;
    this.book.retry();
  }

  /** Looks at trends again when an hour is over, because it reads days of history; to be called about once a minute. */
  async foresee(): Promise<void> {
    if (this.#parts.now() < this.#foreseeAt) return;
    this.#foreseeAt = this.#parts.now() + FORESEE_MS;
    for (const host of this.#hosts.values()) {
      const judge = this.#judges.get(host.id);
      const checks = judge?.checks.filter(({ input }) => input === 'trend') ?? [];
      for (const found of await outlooksOf(host, checks, this.#parts)) {
        // Rules may have changed while history was read.
        if (found.days !== undefined && this.#judges.get(host.id) === judge)
          judge?.trend(found.check, found.series, { days: found.days, note: found.text, now: this.#parts.now() });
      }
    }
  }

  /** The rules that hold for a host now. */
  checksOf(host: Host): Check[] {
    return checksOf(this.rules.list(host.siteId), host, this.#onBroken);
  }

  /** Entries that are broken, but not for long enough yet. */
  pending(siteId: string): { host: Host | undefined; entry: Entry }[] {
    return [...this.#judges].flatMap(([id, judge]) => {
      const host = this.#hosts.get(id);
      if ((host?.siteId ?? id) !== siteId) return [];
      return judge
        .active()
        .filter((entry) => entry.judge?.phase === 'pending')
        .map((entry) => ({ host, entry }));
    });
  }

  /** Ends an alert by hand. Says whether it has to be clear before it may fire again. */
  resolve({ key, hostId, siteId }: AlertRecord): boolean {
    return this.#judges.get(hostId ?? siteId)?.resolve(key) ?? false;
  }

  /** Resolves when everything is written, or could not be. */
  async close(): Promise<void> {
    for (const run of this.#late.values()) run.end();
    await this.book.settled();
    await this.#facts.settled();
  }

  async #begin(): Promise<void> {
    const { hub, hosts, now, query } = this.#parts;
    const startedAt = now();
    for (const host of hosts()) {
      // Until now nobody listened: silence counts from here, but for hosts that were missed before.
      const { id, lastSeenAt } = host;
      if (lastSeenAt !== undefined) this.#heardAt.set(id, Math.min(this.#missedSince(id) ?? startedAt, startedAt));
      this.#take(host);
    }
    for (const siteId of new Set(this.book.all().map((record) => record.siteId))) this.#takeSite(siteId);
    for (const host of this.#hosts.values()) {
      const judge = this.#judges.get(host.id);
      const from = (key: string): number =>
        Math.max(this.book.endedAt(key), this.book.of(key)?.transitions.at(-1)?.at ?? 0);
      if (!judge) continue;
      // Without it windows begin with what comes in: no reason not to start.
      await rebuild({ host, judge, now: startedAt, gapMs: gapOf(host.intervalMs), query, from }).catch((err) =>
        this.#parts.log.error({ err, hostId: host.id }, 'what was pending could not be read from history'),
      );
    }
    this.#withdrawGone();
    for (const fact of this.#facts.wrong()) this.#judgeFact({ ...fact, state: 'wrong' });
    this.rules.onChange((siteId) => this.#rulesChanged(siteId));
    hub.on('frame', (frame) => this.#frame(frame));
    hub.on('host', (change) => this.#host(change));
    hub.on('fact', (fact) => this.#fact(fact));
    hub.on('site', ({ before, after }) => (before && !after ? this.rules.forgetSite(before.id) : undefined));
  }

  #frame({ hostId, grade, late, series, values, at, receivedAt, offsetMs, isAside = false }: FrameEvent): void {
    const judge = this.#judges.get(hostId);
    if (grade === 'watch' || !judge) return;
    if (late) {
      this.#lateRun(hostId, judge).frame(series, values, { at, now: receivedAt });
      return;
    }
    // What a plug says of a host does not end its silence.
    if (!isAside) this.#heardAt.set(hostId, receivedAt);
    judge.frame(series, values, at);
    if (offsetMs !== undefined) judge.one(CLOCK, offsetMs / 1_000, at);
  }

  #lateRun(hostId: string, { checks }: HostJudge): LateRun {
    const known = this.#late.get(hostId);
    if (known) return known;
    const records = new Map<string, AlertRecord>();
    const run = new LateRun({
      owner: hostId,
      checks,
      gapMs: gapOf(this.#hosts.get(hostId)?.intervalMs ?? INTERVAL_MS.default),
      wasOpen: (key, at) => this.book.wasOpen(key, at),
      onChange: (entry, change) => {
        const host = this.#hosts.get(hostId);
        if (!host) return;
        const record = records.get(entry.key);
        const next = this.#recorder.takeLate({ siteId: host.siteId, host }, { entry, change, record });
        if (next && change.kind === 'fired') records.set(entry.key, next);
        else records.delete(entry.key);
      },
    });
    this.#late.set(hostId, run);
    return run;
  }

  #host({ before, after }: { before?: Host; after?: Host }): void {
    if (!after) {
      if (before) this.#remove(before);
      return;
    }
    const known = this.#hosts.get(after.id);
    this.#hosts.set(after.id, after);
    if (after.status === 'online' && !this.#heardAt.has(after.id)) this.#heardAt.set(after.id, this.#parts.now());
    if (!known || known.siteId !== after.siteId || known.tags.join('\n') !== after.tags.join('\n')) this.#take(after);
    else if (known.intervalMs !== after.intervalMs) this.#judges.get(after.id)?.setGap(gapOf(after.intervalMs));
  }

  #remove(host: Host): void {
    this.#hosts.delete(host.id);
    this.#judges.delete(host.id);
    this.#heardAt.delete(host.id);
    this.#late.delete(host.id);
    this.#facts.forgetHost(host.id);
    for (const record of this.book.all())
      if (record.hostId === host.id) this.#recorder.withdraw(record, 'Its host was removed');
  }

  /** A fact of the appliance itself belongs to the site that its own host is in. */
  #fact(fact: FactEvent): void {
    const siteId = fact.siteId === APPLIANCE ? this.#parts.applianceSite() : fact.siteId;
    if (siteId === undefined) return;
    this.#facts.take(siteId, fact);
    this.#judgeFact({ ...fact, siteId });
  }

  #judgeFact({ siteId, hostId, kind, key, state, severity, text }: Omit<FactEvent, 'at'>): void {
    if (state === 'unknown' || (hostId !== undefined && !this.#hosts.has(hostId))) return;
    const owner = hostId ?? siteId;
    if (hostId === undefined && !this.#judges.has(siteId)) this.#takeSite(siteId);
    const found = { kind, key, severity, text, isWrong: state === 'wrong' };
    this.#judges.get(owner)?.fact(found, this.#namedIn(siteId), this.#parts.now());
  }

  #silence(judge: HostJudge, { id, intervalMs }: Host, now: number): void {
    const heardAt = this.#heardAt.get(id);
    if (heardAt === undefined) return; // It has never reported: nobody misses it yet.
    const silentMs = Math.max(0, now - heardAt);
    judge.silence(silentMs > 2 * intervalMs ? silentMs : 0, now);
  }

  /** Since when a host has been silent for which an alert says so; the first frame ends that, nothing else does. */
  #missedSince(hostId: string): number | undefined {
    const missed = this.book.all().filter((record) => record.hostId === hostId && subjectOf(record).kind === 'host');
    const since = missed.map(({ sinceAt, condition }) => sinceAt - Number(condition.settings.afterMs ?? 0));
    return since.length === 0 ? undefined : Math.min(...since);
  }

  #wake(now: number): void {
    for (const record of this.book.all()) {
      const { snoozedUntil, ...rest } = record;
      if (snoozedUntil === undefined || snoozedUntil > now || record.status === 'resolved') continue;
      const text = `Its snooze is over, it is still so: ${record.reason}`;
      this.book.put(rest, [{ at: now, kind: 'woken', text, isTold: record.status === 'open', ...quiet(record) }]);
    }
  }

  #rulesChanged(siteId: string): void {
    this.#named.delete(siteId);
    this.#tooMany.withdraw(siteId);
    for (const host of this.#hosts.values()) if (host.siteId === siteId) this.#take(host);
    if (this.#judges.has(siteId)) this.#takeSite(siteId);
    for (const fact of this.#facts.wrong()) if (fact.siteId === siteId) this.#judgeFact({ ...fact, state: 'wrong' });
  }

  /** Judges a host by its rules from now on; what is open goes on, what no rule is about any more ends. */
  #take(host: Host): void {
    this.#hosts.set(host.id, host);
    this.#late.get(host.id)?.end();
    this.#late.delete(host.id);
    this.#judge({ siteId: host.siteId, host }, this.checksOf(host), gapOf(host.intervalMs));
  }

  #takeSite(siteId: string): void {
    const all = checksOf(this.rules.list(siteId), undefined, this.#onBroken);
    const checks = all.filter(({ input }) => input === 'facts');
    this.#judge({ siteId }, checks, Number.POSITIVE_INFINITY);
  }

  #judge(owner: Owner, checks: Check[], gapMs: number): void {
    const id = ownerId(owner);
    const restored: Restored[] = [];
    for (const record of this.book.all()) {
      if ((record.hostId ?? record.siteId) !== id) continue;
      const subject = subjectOf(record);
      if (!stillAbout(checks, { ruleId: record.ruleId, subject }, this.#namedIn(owner.siteId)))
        this.#recorder.withdraw(record, 'Its rule was switched off, removed or changed');
      else restored.push({ ruleId: record.ruleId, subject, kept: keptOf(record, this.#parts.now()) });
    }
    const onChange = (entry: Entry, change: Change): void => {
      const host = owner.host && this.#hosts.get(owner.host.id);
      this.#recorder.take({ siteId: owner.siteId, ...(host && { host }) }, entry, change);
    };
    const judge = new HostJudge({ owner: id, checks, gapMs, restored, onChange });
    this.#judges.set(id, judge);
    for (const { subject } of restored) if (subject.kind === 'fact') this.#endFact(owner, judge, subject.fact);
  }

  /** An alert about a fact that is no longer wrong, or was put right while it was judged anew, ends. */
  #endFact(owner: Owner, judge: HostJudge, { kind, key }: { kind: string; key: string }): void {
    const isWrong = this.#facts
      .wrong()
      .some((fact) => fact.kind === kind && fact.key === key && (fact.hostId ?? fact.siteId) === ownerId(owner));
    if (isWrong) return;
    const found = { kind, key, isWrong, severity: 'low', text: 'It is right again' } as const;
    judge.fact(found, this.#namedIn(owner.siteId), this.#parts.now());
  }

  /** Hosts that were removed while nobody listened. */
  #withdrawGone(): void {
    for (const record of this.book.all())
      if (record.hostId !== undefined && !this.#hosts.has(record.hostId))
        this.#recorder.withdraw(record, 'Its host was removed');
  }

  /** Kinds of facts that rules of the site name; all others go to the rule that names none. */
  #namedIn(siteId: string): ReadonlySet<string> {
    const known = this.#named.get(siteId);
    if (known) return known;
    const kinds = this.rules.list(siteId).flatMap(({ fields: { condition } }) => {
      const { kinds: named } = condition.settings;
      return condition.id === 'fact' && Array.isArray(named) ? named.map(String) : [];
    });
    const made = new Set(kinds);
    this.#named.set(siteId, made);
    return made;
  }

  readonly #onBroken = (rule: KnownRule, err: unknown): void =>
    this.#parts.log.error({ err, ruleId: rule.id }, 'a rule cannot be judged and is left out');
}

const ownerId = ({ siteId, host }: Owner): string => host?.id ?? siteId;

const quiet = ({ status }: AlertRecord) => (status === 'open' ? {} : { whyNot: 'somebody looks after it' });

const keptOf = (record: AlertRecord, at: number): Restored['kept'] => ({
  isOpen: record.status !== 'resolved',
  awaitsClear: record.awaitsClear,
  isStale: record.isStale,
  sinceAt: record.sinceAt,
  changes: record.changes,
  at,
  ...(record.heldUntil !== undefined && { heldUntil: record.heldUntil }),
});
