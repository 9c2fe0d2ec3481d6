// bench: history in PostgreSQL beside the same history in files: commits, a day that is sealed, a day that is asked for, and the start
import { join } from 'node:path';
import { type OpenedHistory, openHistory } from '../../appliance/history/open.ts';
import { parseSelectors } from '../../appliance/history/query/selectors.ts';
import type { HistoryEngine } from '../../appliance/store/history-engine.ts';
import { openNedbHistory } from '../../appliance/store/nedb/history-engine.ts';
import { parseAddress } from '../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../appliance/store/postgres/connect.ts';
import { openPostgresHistory } from '../../appliance/store/postgres/history-engine.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { startPostgres } from '../helpers/postgres.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { hostOf, METRICS } from './history/month.ts';
import { machineValues } from './machine-values.ts';
import { median, quantile } from './measure.ts';

const STEP_MS = 5_000;
const HOUR = 3_600_000;
const FROM = Date.UTC(2025, 10, 21);
/** What fifty hosts send in a second, in a commit (findings/history.md §5). */
const COMMIT_BYTES = 2_400;
const BLOCK_MS = 600_000;
const SIX = 'cpu.total,load.1m,memory.used,eth0.received,sda.read,temperature.cpu';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Kept {
  name: string;
  open(): Promise<HistoryEngine>;
}

interface Plan {
  hosts: number;
  hours: number;
  commits: number;
}

async function* measure(kept: readonly Kept[], plan: Plan): AsyncGenerator<Figure> {
  for (const each of kept) yield* commits(each, plan);
  yield* taking(kept, plan);
  yield* questions(kept, plan);
}

async function* commits({ name, open }: Kept, plan: Plan): AsyncGenerator<Figure> {
  const engine = await open();
  const log = await engine.log('bench');
  const payload = Uint8Array.from({ length: COMMIT_BYTES }, (_, at) => (at * 7919) % 251);
  const times: number[] = [];
  const before = performance.now();
  for (let number = 1; number <= plan.commits; number++) {
    const since = performance.now();
    await log.append({ number, payload });
    times.push(performance.now() - since);
  }
  const perSecond = (plan.commits * 1_000) / (performance.now() - before);
  await log.rotate();
  await log.dropThrough(plan.commits);
  await engine.close();
  const note = `${COMMIT_BYTES} bytes each, one after the other, durable`;
  yield { name: `commits, ${name}`, value: perSecond, unit: 'commits/s', atLeast: 20, aim: 400, note };
  yield { name: `commit, median, ${name}`, value: median(times), unit: 'ms' };
  yield { name: `commit, p95, ${name}`, value: quantile(times, 0.95), unit: 'ms', atMost: 100 };
}

async function opened({ open }: Kept, clock: { now: number }): Promise<OpenedHistory> {
  const now = () => clock.now;
  return openHistory({ engine: await open(), log: silent, now, tickMs: 2 ** 30, longestWaitMs: 0 });
}

/** Something that each of them does by turns, so that what else the machine does hits all alike. */
interface Turn {
  name: string;
  history: OpenedHistory;
  times: number[];
}

async function inTurns(turns: readonly Turn[], work: (history: OpenedHistory) => Promise<unknown>): Promise<void> {
  for (const { history, times } of turns) {
    const since = performance.now();
    await work(history);
    times.push(performance.now() - since);
  }
}

/** Takes the frames of some hours as after an outage, and seals and rolls them up as in life. */
async function* taking(kept: readonly Kept[], { hosts, hours }: Plan): AsyncGenerator<Figure> {
  const clock = { now: FROM };
  const turns: Turn[] = [];
  for (const each of kept) turns.push({ name: each.name, history: await opened(each, clock), times: [] });
  const machines = Array.from({ length: hosts }, (_, host) => machineValues(host, STEP_MS / 1_000));
  const declared = METRICS.map((metric) => ({ metric, attributes: {} }));
  for (let from = FROM; from < FROM + hours * HOUR; from += BLOCK_MS) {
    clock.now = from + BLOCK_MS;
    const rows = Array.from({ length: BLOCK_MS / STEP_MS }, (_, row) => from + row * STEP_MS).map((at) => ({
      at,
      values: machines.map((next) => next(at / 1_000)),
    }));
    await inTurns(turns, async (history) => {
      const series = machines.map((_, host) => history.declare(hostOf(host), declared));
      const frames = rows.flatMap(({ at, values }) =>
        values.map((own, host) => ({
          ...{ hostId: hostOf(host), stream: `${host}/s`, seq: (at - FROM) / STEP_MS + 1, at, offsetMs: 0 },
          ...{ intervalMs: STEP_MS, series: series[host] ?? [], values: own },
        })),
      );
      await history.append(frames);
      await history.tend();
    });
  }
  const samples = (hosts * hours * HOUR * METRICS.length) / STEP_MS;
  const note = `frames of ${hosts} hosts at 5 s over ${hours} h: taken, sealed, rolled up`;
  for (const { name, history, times } of turns) {
    const seconds = times.reduce((sum, each) => sum + each, 0) / 1_000;
    yield { name: `taking it in, ${name}`, value: samples / seconds, unit: 'samples/s', atLeast: 100_000, note };
    yield { name: `stored, ${name}`, value: history.stats().bytes / 2 ** 20, unit: 'MiB' };
    await history.close();
  }
}

async function* questions(kept: readonly Kept[], plan: Plan): AsyncGenerator<Figure> {
  const clock = { now: FROM + plan.hours * HOUR };
  const day = { from: FROM, to: FROM + Math.min(24, plan.hours) * HOUR, maxPoints: 1_000 };
  const turns: Turn[] = [];
  for (const each of kept) {
    const before = performance.now();
    turns.push({ name: each.name, history: await opened(each, clock), times: [] });
    yield { name: `opening, ${each.name}`, value: performance.now() - before, unit: 'ms', atMost: 2_000 };
  }
  const hosts = Array.from({ length: plan.hosts }, (_, host) => hostOf(host));
  const each = hosts.map((host) => [host]);
  const note = 'median; six series, a host that was not asked for before';
  const asked: [what: string, hosts: string[][], resolution: 'auto' | 'raw', metrics: string, more: Partial<Figure>][] =
    [
      ['a day of one host by minutes, first time', each, 'auto', SIX, { atMost: 500, aim: 15, note }],
      ['a day of one host by minutes, again', each, 'auto', SIX, { atMost: 500, aim: 5 }],
      ['a day of one host by its rows, first time', each, 'raw', SIX, { atMost: 500, aim: 30, note }],
      ['a day of all hosts by their rows', [hosts], 'raw', 'load.5m', { atMost: 5_000 }],
    ];
  for (const [what, groups, resolution, metrics, more] of asked) {
    const selectors = parseSelectors(metrics);
    for (const { times } of turns) times.length = 0;
    for (const hostIds of groups)
      await inTurns(turns, (history) => history.query({ ...day, hostIds, resolution, selectors }));
    for (const { name, times } of turns) yield { name: `${what}, ${name}`, value: median(times), unit: 'ms', ...more };
  }
  for (const { history } of turns) await history.close();
}

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const plan: Plan = isQuick ? { hosts: 3, hours: 4, commits: 50 } : { hosts: 20, hours: 26, commits: 1_000 };
  const dir = makeDirectory('reeve-bench-');
  const server = await startPostgres();
  try {
    const address = parseAddress(await server.database());
    const postgres = async (): Promise<HistoryEngine> => {
      const database = await openDatabase({ address, log: silent });
      const engine = await openPostgresHistory({ database, log: silent });
      return { ...engine, close: () => engine.close().finally(() => database.close()) };
    };
    const files = () => openNedbHistory({ dir: join(dir, 'history'), log: silent });
    yield* measure(
      [
        { name: 'files', open: files },
        { name: 'PostgreSQL', open: postgres },
      ],
      plan,
    );
  } finally {
    await server.close();
    removeDirectory(dir);
  }
}
