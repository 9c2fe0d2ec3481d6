import { MACHINE_SERIES } from '../machine-values.ts';
import { hostOf, type Month } from './month.ts';
import { promHost, promName } from './peers.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The machine of the questions about one host. */
const MACHINE = 7;
const SIX = ['cpu.total', 'memory.used', 'eth0.received', 'sda.written', 'fs.root', 'temperature.cpu'];

/** Averages in steps, of some series of some machines, up to the end of the month. */
export interface Question {
  title: string;
  machines: readonly number[];
  metrics: readonly string[];
  rangeMs: number;
  stepMs: number;
  /** Where it has to be at most this many times what a peer takes. */
  gate?: { times: number; peer: string };
}

/** The five of the design; a small month has as many days and machines as it has. */
export function questionsFor({ machines, from, to }: Month): Question[] {
  const all = Array.from({ length: machines }, (_, machine) => machine);
  const one = { machines: [Math.min(MACHINE, machines - 1)], metrics: SIX };
  const cpu = { machines: all, metrics: ['cpu.total'] };
  const month = to - from;
  const week = Math.min(7 * DAY, month);
  const days = (ms: number) => `${ms / DAY} d`;
  return [
    {
      title: '24 h × 1 host × 6 series, each minute',
      ...one,
      rangeMs: DAY,
      stepMs: 60_000,
      gate: { times: 1, peer: 'Prometheus' },
    },
    { title: `${days(week)} × 1 host × 6 series, 5-minute averages`, ...one, rangeMs: week, stepMs: 300_000 },
    {
      title: `${days(month)} × 1 host × 6 series, hourly averages`,
      ...one,
      rangeMs: month,
      stepMs: HOUR,
      gate: { times: 1, peer: 'VictoriaMetrics' },
    },
    {
      title: `24 h × CPU × ${machines} hosts, each minute`,
      ...cpu,
      rangeMs: DAY,
      stepMs: 60_000,
      gate: { times: 0.6, peer: 'Prometheus' },
    },
    {
      title: `${days(month)} × CPU × ${machines} hosts, hourly averages`,
      ...cpu,
      rangeMs: month,
      stepMs: HOUR,
      gate: { times: 0.3, peer: 'VictoriaMetrics' },
    },
  ];
}

export const fromOf = ({ rangeMs }: Question, month: Month): number => month.to - rangeMs;

/**
 * PromQL for it: values as they are where there is one for each step, else averages over the step before each moment; one
 * request for each metric then, because an average has no name. With `isExact` the moments are such that the windows hold
 * exactly the samples of Reeve's steps.
 */
export function peerUrls(
  base: string,
  question: Question,
  { month, peer, isExact }: { month: Month; peer: string; isExact: boolean },
): string[] {
  const { machines, metrics, stepMs } = question;
  const host = machines.length === 1 ? `host="${promHost(machines[0] ?? 0)}"` : '';
  const names = metrics.map(promName);
  const url = (query: string, shiftMs: number) => {
    const start = (fromOf(question, month) + shiftMs) / 1_000;
    const end = (month.to - stepMs + shiftMs) / 1_000;
    return `${base}/api/v1/query_range?nocache=1&query=${encodeURIComponent(query)}&start=${start}&end=${end}&step=${stepMs / 1_000}`;
  };
  if (stepMs === 60_000) return [url(`{__name__=~"${names.join('|')}"${host && `,${host}`}}`, 0)];
  const shiftMs = isExact ? stepMs - 1_000 : stepMs;
  // Prometheus 2 counts a sample at either end of the window, VictoriaMetrics only at the later one.
  const window = `${(isExact && peer === 'Prometheus' ? stepMs - 1_000 : stepMs) / 1_000}s`;
  return names.map((name) => url(`avg_over_time(${name}{${host}}[${window}])`, shiftMs));
}

/** Values by `metric host`, read from the answers to `peerUrls`; NaN where there is none. */
export function readPeer(bodies: readonly Buffer[], question: Question): Map<string, number[]> {
  const read = new Map<string, number[]>();
  for (const [at, body] of bodies.entries()) {
    const { data } = JSON.parse(body.toString()) as {
      data: { result: { metric: { __name__?: string; host: string }; values: [number, string][] }[] };
    };
    for (const { metric, values } of data.result) {
      const name = metric.__name__ ?? promName(question.metrics[at] ?? '');
      read.set(
        `${name} ${metric.host}`,
        values.map(([, value]) => Number(value)),
      );
    }
  }
  return read;
}

/** The key of `readPeer`, for Reeve's ids. */
export const keyOf = (metric: string, hostId: string): string =>
  `${promName(metric)} ${promHost(Number(hostId.slice(-12)) - 1)}`;

/** The least step between two values of the series of a key. */
export function grainOf(key: string): number {
  const name = key.split(' ')[0];
  const decimals = MACHINE_SERIES.find(([metric]) => promName(metric) === name)?.[1] ?? 0;
  return 10 ** -decimals;
}

export const hostIdsOf = ({ machines }: Question): string[] => machines.map(hostOf);
