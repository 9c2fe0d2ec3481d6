// bench: history on disk and in memory: bytes for each sample, the cost of taking, sealing, starting and asking.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { NewFrame } from '../../appliance/history/history.ts';
import { type OpenedHistory, openHistory } from '../../appliance/history/open.ts';
import { openNedbHistory } from '../../appliance/store/nedb/history-engine.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { MACHINE_SERIES, machineValues } from './machine-values.ts';
import { quantile, residentMiB } from './measure.ts';

const DAY = 86_400_000;
const START = Date.UTC(2025, 10, 1);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

interface Fleet {
  history: OpenedHistory;
  /** Sends one frame of every host; resolves when all are durable. */
  send(frames: readonly NewFrame[]): Promise<void>;
  clock: { now: number };
}

async function openFleet(dir: string, clock: { now: number }, longestWaitMs = 0): Promise<Fleet> {
  const now = () => clock.now;
  const engine = await openNedbHistory({ dir, log: silent, now });
  const history = await openHistory({ engine, log: silent, now, tickMs: 2 ** 30, longestWaitMs });
  const send = async (frames: readonly NewFrame[]) =>
    void (await Promise.all(frames.map((each) => history.append([each]))));
  return { history, send, clock };
}

const hostOf = (machine: number) => `00000000-0000-7000-8000-${machine.toString().padStart(12, '0')}`;

/** Frames of every machine, minute by minute or second by second; made before they are sent, so that only history is timed. */
function* fleetFrames(
  history: OpenedHistory,
  { machines, copies, stepS }: { machines: number; copies: number; stepS: number },
): Generator<NewFrame[]> {
  const values = Array.from({ length: machines * copies }, (_, machine) => machineValues(machine, stepS));
  const metrics = Array.from({ length: copies }, (_, copy) =>
    MACHINE_SERIES.map(([metric]) => `${metric}.${copy}`),
  ).flat();
  const declared = metrics.map((metric) => ({ metric, attributes: {} }));
  const series: LiveSeries[][] = Array.from({ length: machines }, (_, machine) =>
    history.declare(hostOf(machine), declared),
  );
  for (let seq = 1; ; seq++) {
    const at = START + seq * stepS * 1_000;
    yield series.map((own, machine) => ({
      hostId: hostOf(machine),
      stream: `${machine}/stream`,
      seq,
      at,
      offsetMs: 0,
      intervalMs: stepS * 1_000,
      series: own,
      values: Array.from({ length: copies }, (_, copy) => values[machine * copies + copy]?.(at / 1_000) ?? []).flat(),
    }));
  }
}

const bytesBelow = (dir: string): number =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

/** CPU milliseconds of this process, all threads, that `work` takes. */
async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function* minutes(dir: string, isQuick: boolean): AsyncGenerator<Figure> {
  const [machines, days] = isQuick ? [5, 2] : [50, 7];
  const clock = { now: START };
  const { history, send } = await openFleet(dir, clock);
  const frames = fleetFrames(history, { machines, copies: 1, stepS: 60 });
  const samplesOf = (count: number) => count * machines * MACHINE_SERIES.length;
  let sealed = 0;
  const perDay = 1_440;
  for (let minute = 1; minute <= days * perDay + 720; minute++) {
    const { value = [] } = frames.next();
    clock.now = value[0]?.at ?? 0;
    if (minute % 30 === 0 || minute > days * perDay) await send(value);
    else void send(value);
    if (minute % perDay === 10) sealed += await cpuMs(() => history.tend());
  }
  const raw = bytesBelow(join(dir, 'raw')) + statSync(join(dir, 'catalogue.db')).size;
  const how = `${machines} hosts × 20 series × 60 s × ${days} days, files and catalogue`;
  yield {
    name: 'disk, sealed',
    value: raw / samplesOf(days * perDay),
    unit: 'bytes/sample',
    atMost: 1.1,
    aim: 0.85,
    note: how,
  };
  yield {
    name: 'sealing',
    value: (sealed * 1e6) / samplesOf(days * perDay),
    unit: 'ns/sample',
    atMost: 800,
    note: 'CPU',
  };
  await history.close();
}

async function* start(dir: string, isQuick: boolean): AsyncGenerator<Figure> {
  const days = isQuick ? 2 : 7;
  const clock = { now: START + (days + 0.5) * DAY };
  let fleet: Fleet | undefined;
  const ms = await cpuMs(async () => {
    fleet = await openFleet(dir, clock);
  });
  if (!fleet) return;
  const { history } = fleet;
  yield {
    name: 'start to ready',
    value: ms,
    unit: 'ms CPU',
    atMost: 400,
    note: `${days} days sealed, half a day in the log`,
  };
  yield* questions(history, clock.now, days);
  await history.close();
}

async function* questions(history: OpenedHistory, now: number, days: number): AsyncGenerator<Figure> {
  const six = ['cpu.total', 'memory.used', 'eth0.received', 'sda.written', 'fs.root', 'temperature.cpu'];
  const metrics = six.map((metric) => `${metric}.0`);
  const median = async (work: () => Promise<unknown>) => {
    const times: number[] = [];
    for (let n = 0; n < 15; n++) times.push(await cpuMs(work));
    return quantile(times, 0.5);
  };
  const ask = (machine: number, from: number, wanted: string[]) =>
    history.query({ hostId: hostOf(machine), from, to: now, metrics: wanted, maxPoints: 1_000 });
  const day = await median(() => ask(1, now - DAY, metrics));
  yield { name: '24 h, 1 host, 6 series', value: day, unit: 'ms CPU', atMost: 20, aim: 3 };
  const week = await median(() => ask(1, now - days * DAY, metrics));
  yield { name: `${days} days, 1 host, 6 series`, value: week, unit: 'ms CPU', atMost: 20, aim: 10 };
  const all = await median(async () => {
    for (let machine = 0; machine < 50; machine++) await ask(machine, now - DAY, ['cpu.total.0']);
  });
  yield { name: '24 h, 50 hosts, 1 series', value: all, unit: 'ms CPU', atMost: 40 };
}

/** Real time: 50 hosts × 40 values each second, each acknowledged after its sync. */
async function* seconds(dir: string, isQuick: boolean): AsyncGenerator<Figure> {
  const [rounds, machines] = [isQuick ? 5 : 60, 50];
  const clock = { now: START };
  const { history, send } = await openFleet(dir, clock, 500);
  const frames = fleetFrames(history, { machines, copies: 2, stepS: 1 });
  const ready = Array.from({ length: rounds + 5 }, () => frames.next().value ?? []);
  const waits: number[] = [];
  const round = async (values: NewFrame[]) => {
    clock.now = values[0]?.at ?? 0;
    const before = performance.now();
    await Promise.all([send(values).then(() => waits.push(performance.now() - before)), pause(1_000)]);
  };
  for (const values of ready.splice(0, 5)) await round(values);
  const idle = await cpuMs(() => pause(2_000));
  const used = await cpuMs(async () => {
    for (const values of ready) await round(values);
  });
  const percent = (used - (idle / 2) * rounds) / (rounds * 10);
  const how = `${machines} hosts × 40 values each second, group commit with fdatasync`;
  yield { name: 'taking frames', value: percent, unit: '% of a core', atMost: 2, aim: 1, note: how };
  yield { name: 'acknowledgement p95', value: quantile(waits, 0.95), unit: 'ms' };
  yield {
    name: 'memory after it',
    value: residentMiB(process.pid).now,
    unit: 'MiB',
    note: 'this process, with the generator',
  };
  await history.close();
}

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const dir = makeDirectory();
  try {
    yield* seconds(join(dir, 'seconds'), isQuick);
    yield* minutes(join(dir, 'minutes'), isQuick);
    yield* start(join(dir, 'minutes'), isQuick);
  } finally {
    removeDirectory(dir);
  }
}
