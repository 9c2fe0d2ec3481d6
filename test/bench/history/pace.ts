import { setTimeout as pause } from 'node:timers/promises';
import type { NewFrame } from '../../../appliance/history/history.ts';
import type { Figure } from '../figure.ts';
import { machineValues } from '../machine-values.ts';
import { ownCpuMs, quantile, residentMiB } from '../measure.ts';
import { hostOf, METRICS } from './month.ts';
import { openReeve } from './reeve.ts';

const MACHINES = 50;
/** Two machines' series under one host: 40 values in each frame. */
const COPIES = 2;
const STARTS_AT = Date.UTC(2025, 10, 1);

/** Real time: 50 hosts × 40 values each second, each acknowledged after its sync. */
export async function* pace(dataDir: string, isQuick: boolean): AsyncGenerator<Figure> {
  const rounds = isQuick ? 5 : 60;
  const clock = { now: STARTS_AT };
  const history = await openReeve(dataDir, clock, 500);
  const metrics = Array.from({ length: COPIES }, (_, copy) => METRICS.map((metric) => `${metric}.${copy}`)).flat();
  const declared = metrics.map((metric) => ({ metric, attributes: {} }));
  const series = Array.from({ length: MACHINES }, (_, host) => history.declare(hostOf(host), declared));
  const values = Array.from({ length: MACHINES * COPIES }, (_, machine) => machineValues(machine, 1));
  const frameOf = (host: number, seq: number): NewFrame => ({
    hostId: hostOf(host),
    stream: `${host}/stream`,
    seq,
    at: STARTS_AT + seq * 1_000,
    offsetMs: 0,
    intervalMs: 1_000,
    series: series[host] ?? [],
    values: Array.from({ length: COPIES }, (_, copy) => values[host * COPIES + copy]?.(seq) ?? []).flat(),
  });
  // Made before they are sent, so that only history is timed.
  const ready = Array.from({ length: rounds + 5 }, (_, at) => series.map((_own, host) => frameOf(host, at + 1)));
  const waits: number[] = [];
  const send = async (frames: readonly NewFrame[]) => {
    clock.now = frames[0]?.at ?? 0;
    const before = performance.now();
    const durable = Promise.all(frames.map((each) => history.append([each])));
    await Promise.all([durable.then(() => waits.push(performance.now() - before)), pause(1_000)]);
  };
  for (const frames of ready.splice(0, 5)) await send(frames);
  const idle = await ownCpuMs(() => pause(2_000));
  const used = await ownCpuMs(async () => {
    for (const frames of ready) await send(frames);
  });
  const percent = (used - (idle / 2) * rounds) / (rounds * 10);
  const how = `${MACHINES} hosts × 40 values each second, group commit with fdatasync`;
  yield { name: 'taking frames', value: percent, unit: '% of a core', atMost: 2, aim: 1, note: how };
  yield { name: 'acknowledgement p95', value: quantile(waits, 0.95), unit: 'ms' };
  const memory = 'this process, with the generator';
  yield { name: 'memory after it', value: residentMiB(process.pid).now, unit: 'MiB', note: memory };
  await history.close();
}
