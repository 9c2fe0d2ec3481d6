import type { Alert } from '../../protocol/alerts.ts';
import type { AlertMatch, QuietSpan, Span } from '../../protocol/silences.ts';
import type { DocumentStore } from '../store/documents.ts';
import { type MaintenanceRecord, maintenanceRecords, type SilenceRecord, silenceRecords } from './documents.ts';
import { Kept } from './kept.ts';
import { meansAlert, meansHost } from './match.ts';
import { occurrenceAt, occurrencesIn } from './occurrences.ts';

/** What keeps alerts quiet now, and which. */
export interface QuietNow extends QuietSpan {
  match: AlertMatch;
}

/** An occurrence is cut where somebody ended it; nothing may be left. */
function cut({ from, to }: Span, { endedAt }: Pick<MaintenanceRecord, 'endedAt'>): Span | undefined {
  if (endedAt === undefined || endedAt < from) return { from, to };
  return endedAt > from ? { from, to: Math.min(to, endedAt) } : undefined;
}

/** The occurrence of a maintenance window that is under way; none while it is switched off. */
export function runningOf(record: MaintenanceRecord, now: number): Span | undefined {
  if (!record.isEnabled) return undefined;
  const found = occurrenceAt(record, now);
  const left = found && cut(found, record);
  return left && left.from <= now && now < left.to ? left : undefined;
}

/** Silences and maintenance of every site, and what they keep quiet. */
export class Quiet {
  readonly silences: Kept<SilenceRecord>;
  readonly windows: Kept<MaintenanceRecord>;
  /** What was under way at the last look, by site; reckoned anew each second at most. */
  #seen: { at: number; stamp: number; bySite: Map<string, QuietNow[]> } | undefined;
  #stamp = 0;

  private constructor(silences: Kept<SilenceRecord>, windows: Kept<MaintenanceRecord>) {
    this.silences = silences;
    this.windows = windows;
  }

  static async open(documents: DocumentStore): Promise<Quiet> {
    return new Quiet(
      await Kept.open(documents, silenceRecords, 'silence'),
      await Kept.open(documents, maintenanceRecords, 'maintenance window'),
    );
  }

  /** To be called after each change of a document, so that it counts at once. */
  changed(): void {
    this.#stamp += 1;
  }

  /** What keeps alerts of a site quiet now: maintenance first, because it says most. */
  now(siteId: string, now: number): QuietNow[] {
    const second = Math.floor(now / 1_000);
    if (this.#seen?.at !== second || this.#seen.stamp !== this.#stamp)
      this.#seen = { at: second, stamp: this.#stamp, bySite: new Map() };
    const known = this.#seen.bySite.get(siteId);
    if (known) return known.filter(({ from, to }) => from <= now && now < to);
    const made = [...this.#maintenance(siteId, now), ...this.#silences(siteId, now)];
    this.#seen.bySite.set(siteId, made);
    return made;
  }

  /** What keeps this alert quiet now; of several the one that ends last. */
  of(alert: Pick<Alert, 'siteId' | 'hostId' | 'ruleId' | 'severity'>, tags: readonly string[], now: number) {
    const mine = this.now(alert.siteId, now).filter(({ match }) => meansAlert(match, alert, tags));
    return mine.reduce<QuietNow | undefined>((last, each) => (last && last.to >= each.to ? last : each), undefined);
  }

  /** Maintenance and silences that are about a host in a span, oldest first. */
  ofHost(host: { id: string; siteId: string; tags: readonly string[] }, within: Span): QuietSpan[] {
    const planned = this.windows
      .list(host.siteId)
      .filter(({ match, isEnabled }) => isEnabled && meansHost(match, host))
      .flatMap((record) =>
        occurrencesIn(record, within)
          .flatMap((each) => cut(each, record) ?? [])
          .map(asSpan(record)),
      );
    const silenced = this.silences
      .list(host.siteId)
      .filter(({ match, startsAt, endsAt }) => meansHost(match, host) && startsAt < within.to && endsAt > within.from)
      .map(silenceSpan);
    return [...planned, ...silenced].sort((a, b) => a.from - b.from);
  }

  /** Nothing that names a host that is gone may mean all hosts after that: it goes too, or loses the name. */
  async forgetHost(siteId: string, hostId: string): Promise<void> {
    await forgetIn(this.silences, siteId, hostId);
    await forgetIn(this.windows, siteId, hostId);
    this.changed();
  }

  async forgetSite(siteId: string): Promise<void> {
    for (const { id } of this.silences.list(siteId)) await this.silences.remove(id);
    for (const { id } of this.windows.list(siteId)) await this.windows.remove(id);
    this.changed();
  }

  /** Silences that ended before a moment, and maintenance once that is over so long; says how many went. */
  async prune(before: number): Promise<number> {
    const over = this.silences.all().filter(({ endsAt }) => endsAt < before);
    const past = this.windows.all().filter(({ schedule }) => schedule.kind === 'once' && schedule.endsAt < before);
    for (const { id } of over) await this.silences.remove(id);
    for (const { id } of past) await this.windows.remove(id);
    return over.length + past.length;
  }

  #maintenance(siteId: string, now: number): QuietNow[] {
    return this.windows.list(siteId).flatMap((record) => {
      const span = runningOf(record, now);
      return span ? [{ ...asSpan(record)(span), match: record.match }] : [];
    });
  }

  #silences(siteId: string, now: number): QuietNow[] {
    const running = this.silences.list(siteId).filter(({ startsAt, endsAt }) => startsAt <= now && now < endsAt);
    return running.map((record) => ({ ...silenceSpan(record), match: record.match }));
  }
}

const asSpan =
  ({ id, title, reason, by }: MaintenanceRecord) =>
  ({ from, to }: Span): QuietSpan => ({ kind: 'maintenance', id, title, reason, by, from, to });

const silenceSpan = ({ id, reason, by, startsAt, endsAt }: SilenceRecord): QuietSpan => ({
  ...{ kind: 'silence', id, title: 'Silence', reason, by, from: startsAt, to: endsAt },
});

async function forgetIn<T extends SilenceRecord | MaintenanceRecord>(
  kept: Kept<T>,
  siteId: string,
  hostId: string,
): Promise<void> {
  for (const record of kept.list(siteId)) {
    const { hostIds, tags } = record.match;
    if (!hostIds.includes(hostId)) continue;
    const left = hostIds.filter((id) => id !== hostId);
    if (left.length === 0 && tags.length === 0) await kept.remove(record.id);
    else await kept.change({ ...record, match: { ...record.match, hostIds: left } }, record.rev);
  }
}
