import { Problem } from '../../problem.ts';
import { type Episode, type Looking, MINUTE, type OfHost, type PreviewParts, type PreviewSubject } from './episode.ts';
import { silencesOf } from './silence.ts';
import { trendsOf } from './trend.ts';
import { valuesOf } from './values.ts';

export interface PreviewQuestion {
  /** Hosts for which the rule is on. */
  subjects: readonly PreviewSubject[];
  from: number;
  to: number;
  signal: AbortSignal;
}

export interface Preview {
  fired: number;
  hosts: number;
  series: number;
  stepMs: number;
  episodes: Episode[];
  notes: string[];
}

const MOST = { hosts: 200, episodes: 100, waiting: 4 } as const;

/** Counts how often a rule would have fired, with the engine that judges what comes in. One preview runs at a time. */
export class Previews {
  readonly #parts: PreviewParts;
  #running: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: PreviewParts) {
    this.#parts = parts;
  }

  /** Fails with `too-many-requests` when others wait already, and with the signal's reason. */
  async of(question: PreviewQuestion): Promise<Preview> {
    if (this.#waiting >= MOST.waiting)
      throw new Problem('too-many-requests', 'Other rules are being tried on history: wait a moment');
    this.#waiting += 1;
    const turn = this.#running
      .then(() => previewOf(question, this.#parts))
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#running = turn.catch(() => undefined);
    return turn;
  }
}

async function previewOf({ subjects, from, to, signal }: PreviewQuestion, parts: PreviewParts): Promise<Preview> {
  const looking: Looking = { parts, from, to, signal, notes: new Set() };
  const looked = subjects.slice(0, MOST.hosts);
  if (looked.length < subjects.length) looking.notes.add(`only ${MOST.hosts} hosts were looked at`);
  const found: OfHost[] = [];
  for (const subject of looked) {
    signal.throwIfAborted();
    found.push(await ofHost(subject, looking));
    await parts.pause();
  }
  const episodes = found.flatMap((each) => each.episodes).sort((a, b) => b.firedAt - a.firedAt);
  return {
    fired: episodes.length,
    hosts: looked.length,
    series: found.reduce((sum, each) => sum + each.series, 0),
    stepMs: Math.max(MINUTE, ...found.map((each) => each.stepMs)),
    episodes: episodes.slice(0, MOST.episodes),
    notes: [...looking.notes],
  };
}

async function ofHost(subject: PreviewSubject, looking: Looking): Promise<OfHost> {
  switch (subject.check.input) {
    case 'values':
      return valuesOf(subject, looking);
    case 'silence':
      return silencesOf(subject, looking);
    case 'trend':
      return trendsOf(subject, looking);
    case 'facts':
      looking.notes.add('what was found wrong is not kept in history: look at the alerts that there were');
      return { episodes: [], series: 0, stepMs: MINUTE };
  }
}
