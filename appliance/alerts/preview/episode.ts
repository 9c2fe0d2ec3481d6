import type { Host } from '../../../protocol/hosts.ts';
import type { LiveSeries } from '../../../protocol/live.ts';
import type { HistoryQuery, HistoryResult } from '../../history/history.ts';
import type { Check } from '../judging/checks.ts';

export interface PreviewParts {
  query(query: HistoryQuery): Promise<HistoryResult>;
  seriesOf(hostId: string): readonly LiveSeries[];
  /** Lets other work in: a month of fifty hosts is judged in slices. */
  pause(): Promise<void>;
}

/** A host, and the rule as it holds for it. */
export interface PreviewSubject {
  host: Host;
  check: Check;
}

export interface Looking {
  parts: PreviewParts;
  from: number;
  to: number;
  signal: AbortSignal;
  /** What keeps the answer from being exact. */
  notes: Set<string>;
}

/** A time in which an alert would have been open; no end = it fires still. */
export interface Episode {
  hostId: string;
  hostName: string;
  attributes: Record<string, string>;
  firedAt: number;
  resolvedAt?: number;
}

export interface OfHost {
  episodes: Episode[];
  series: number;
  stepMs: number;
}

export const DAY = 86_400_000;
export const HOUR = 3_600_000;
export const MINUTE = 60_000;
export const MOST_SERIES = 100;

/** Puts down what a judge of one series tells. */
export class Episodes {
  readonly all: Episode[] = [];
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Answers with the episode that is open then. */
  note(
    open: Episode | undefined,
    { kind, at, attributes }: { kind: string | undefined; at: number; attributes: Record<string, string> },
  ): Episode | undefined {
    if (kind === 'resolved' && open) open.resolvedAt = at;
    if (kind !== 'fired') return kind === 'resolved' ? undefined : open;
    const made: Episode = { hostId: this.#host.id, hostName: this.#host.name, attributes, firedAt: at };
    this.all.push(made);
    return made;
  }
}
