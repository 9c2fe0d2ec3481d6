import type { z } from 'zod';
import { LOG_LEVELS, readLog, readSystem, type systemAnswer } from '../../protocol/routes/system.ts';
import type { KeptLine, RecentLines } from '../recent-lines.ts';
import type { Routes } from '../serve.ts';
import { judgeParts, type Part } from './health.ts';
import type { Heartbeats } from './heartbeats.ts';

type SystemAnswer = z.output<typeof systemAnswer>;

export interface SystemParts {
  parts: readonly Part[];
  heartbeats: Heartbeats;
  lines: RecentLines;
  /** Everything that is known elsewhere. */
  facts(): Promise<Omit<SystemAnswer, 'parts' | 'targets' | 'ingest'>>;
  ingest(): Omit<SystemAnswer['ingest'], 'framesPerSecond' | 'valuesPerSecond' | 'lateFrames'>;
}

/** NF-6: more than 99.5 % of what hosts should send comes in time. */
const HEARTBEAT_TARGET = 0.995;

export function serveSystem(routes: Routes, { parts, heartbeats, lines, facts, ingest }: SystemParts): void {
  routes.serve(readSystem, async () => ({
    ...(await facts()),
    parts: judgeParts(parts).parts,
    ingest: { ...heartbeats.ingest, ...ingest() },
    targets: targetsOf(heartbeats),
  }));

  routes.serve(readLog, ({ query: { after, level, component, text, limit } }) => {
    const all = lines.since(after).map(readOnce);
    const least = LOG_LEVELS.indexOf(level);
    const wanted = all.filter(
      (each) =>
        (LOG_LEVELS as readonly string[]).indexOf(each.level) >= least &&
        (component === undefined || each.component === component) &&
        (text === undefined || each.line.toLowerCase().includes(text.toLowerCase())),
    );
    const components = [...new Set(all.map((each) => each.component))].filter(Boolean).sort();
    return { items: wanted.slice(-limit), next: all.at(-1)?.n ?? after, components };
  });
}

function targetsOf(heartbeats: Heartbeats): SystemAnswer['targets'] {
  const shares = heartbeats.shares();
  if (!shares) return [];
  const { sinceAt, received, online } = shares;
  return [
    {
      id: 'heartbeat',
      title: 'Heartbeat success',
      about: 'Frames that came in time, of all that the hosts should have sent in the last 24 hours',
      value: received,
      target: HEARTBEAT_TARGET,
      sinceAt,
    },
    {
      id: 'availability',
      title: 'Availability',
      about: 'Time that hosts were online, of all their time in the last 24 hours',
      value: online,
      sinceAt,
    },
  ];
}

/** A line is JSON, unless it was cut. */
interface ReadLine extends ReturnType<typeof readLine> {
  n: number;
  line: string;
}

/** What lines were read as, for as long as they are kept: a page that follows the log asks for all of them again and again. */
const read = new WeakMap<KeptLine, ReadLine>();

function readOnce(kept: KeptLine): ReadLine {
  const known = read.get(kept) ?? { n: kept.n, line: kept.text, ...readLine(kept.text) };
  read.set(kept, known);
  return known;
}

function readLine(line: string): { at: string; level: string; component: string; text: string } {
  try {
    const { time, level, component, msg, err, requestId: _, ...more } = JSON.parse(line) as Record<string, unknown>;
    const why = typeof err === 'object' && err !== null && 'message' in err ? `: ${String(err.message)}` : '';
    const fields = Object.entries(more).flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [`${name}=${String(value)}`],
    );
    return {
      at: String(time ?? ''),
      level: String(level ?? 'info'),
      component: String(component ?? ''),
      text: [`${String(msg ?? '')}${why}`, ...fields].join(' '),
    };
  } catch {
    return { at: '', level: 'info', component: '', text: line };
  }
}
