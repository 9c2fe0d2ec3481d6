import { INTERVAL_MS } from '../../../protocol/limits.ts';
import type { HistoryResult } from '../../history/history.ts';
import type { Watch } from '../conditions/condition.ts';
import { Judge } from '../engine/judge.ts';
import { isAboutSeries } from '../rules/effective.ts';
import {
  DAY,
  type Episode,
  Episodes,
  type Looking,
  MINUTE,
  MOST_SERIES,
  type OfHost,
  type PreviewSubject,
} from './episode.ts';

const GAP_STEPS = 2.5;

interface Judged {
  judge: Judge;
  watch: Watch;
  open: Episode | undefined;
}

/** Of each minute its mean is judged; by a rule without a wait, the value of the minute that could break it. */
export async function valuesOf(
  { host, check }: PreviewSubject,
  { parts, from, to, signal, notes }: Looking,
): Promise<OfHost> {
  const metric = check.fields.metric ?? '';
  const known = parts.seriesOf(host.id).filter((each) => isAboutSeries(check.fields, each));
  if (known.length === 0) return { episodes: [], series: 0, stepMs: MINUTE };
  if (known.length > MOST_SERIES) notes.add(`only ${MOST_SERIES} series of a host were looked at`);
  const isShort = check.fields.forMs < MINUTE;
  if (isShort) notes.add('of each minute its highest value was judged (for “below” its lowest)');
  else notes.add('of each minute its mean was judged: what is shorter may be missed');
  const column = !isShort ? 'average' : check.fields.condition.id === 'below' ? 'min' : 'max';
  const run = new Run({ host, check });
  for (let start = from; start < to; start += DAY) {
    // A day at a time keeps memory small; judges go on from day to day.
    const found = await parts.query({
      hostIds: [host.id],
      from: start,
      to: Math.min(to, start + DAY),
      selectors: [{ text: metric, metric, attributes: [] }],
      values: [column],
      resolution: '1m',
      maxPoints: DAY / MINUTE + 1,
      signal,
    });
    run.judge(found);
    await parts.pause();
  }
  return { episodes: run.episodes, series: run.series, stepMs: Math.max(MINUTE, host.intervalMs) };
}

/** The judges of one host. */
class Run {
  readonly #subject: PreviewSubject;
  readonly #episodes: Episodes;
  readonly #judged = new Map<number, Judged>();

  constructor(subject: PreviewSubject) {
    this.#subject = subject;
    this.#episodes = new Episodes(subject.host);
  }

  get episodes(): Episode[] {
    return this.#episodes.all;
  }

  get series(): number {
    return this.#judged.size;
  }

  judge(found: HistoryResult): void {
    const { host, check } = this.#subject;
    const gapMs = Math.max(GAP_STEPS * found.stepMs, GAP_STEPS * host.intervalMs, INTERVAL_MS.watchLease);
    for (const { id = 0, metric, attributes, columns } of found.series) {
      if (!isAboutSeries(check.fields, { metric, attributes })) continue;
      const known = this.#judged.get(id);
      if (!known && this.#judged.size >= MOST_SERIES) continue;
      const judged = known ?? {
        judge: new Judge({ ...check.fields, gapMs }),
        watch: check.opened.watch(),
        open: undefined,
      };
      this.#judged.set(id, judged);
      judged.judge.setGap(gapMs);
      this.#walk(judged, found, { values: columns[0], attributes });
    }
  }

  #walk(
    judged: Judged,
    { first, stepMs, steps }: HistoryResult,
    { values, attributes }: { values: Float64Array | undefined; attributes: Record<string, string> },
  ): void {
    const { judge, watch } = judged;
    for (let step = 0; step < steps; step++) {
      const value = values?.[step] ?? Number.NaN;
      const at = first + step * stepMs;
      const observed = Number.isNaN(value) ? undefined : judge.observe(watch.of(value, at), value, at);
      const change = observed ?? judge.tick(at);
      if (change) judged.open = this.#episodes.note(judged.open, { kind: change.kind, at, attributes });
    }
  }
}
