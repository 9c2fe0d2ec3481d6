import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sites } from '../../../appliance/access/documents.ts';
import type { NewFrame } from '../../../appliance/history/history.ts';
import { type OpenedHistory, openHistory } from '../../../appliance/history/open.ts';
import { hostRecords } from '../../../appliance/hosts/documents.ts';
import { openLog } from '../../../appliance/log.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { openNedbHistory } from '../../../appliance/store/nedb/history-engine.ts';
import { type RunningAppliance, startAppliance } from '../../helpers/appliance.ts';
import { createOwner } from '../../helpers/owner.ts';
import { ownCpuMs } from '../measure.ts';
import { hostOf, METRICS, type Month, minutesOf, STEP_MS } from './month.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** A minute's rows are sent and forgotten, and only now and then waited for; but the last half day as in life. */
const WAIT_EVERY = 30;
const TEND_EVERY = 5;

/**
 * The built appliance on a data directory, with its clock moved so that it is `now` there when it starts. By a CommonJS file, as the appliance
 * is one: `--import` would have Node load all that ESM takes, 30 MiB.
 */
export function startAt(dataDir: string, now: number): Promise<RunningAppliance> {
  const shift = `${dataDir}.clock.cjs`;
  writeFileSync(shift, `const real = Date.now, by = ${now} - real(); Date.now = () => real() + by;\n`);
  return startAppliance({ dataDir, env: { NODE_OPTIONS: `--require=${shift}` } });
}

/** Makes a data directory with an owner and the month's hosts, none of which has an agent. */
export async function prepareReeve(dataDir: string, month: Month): Promise<void> {
  const appliance = await startAt(dataDir, month.from);
  await createOwner(appliance);
  await appliance.stop();
  const documents = await openDocumentStore({ dir: dataDir, log: openLog({ level: 'silent', isTerminal: false }) });
  const [site] = await (await documents.collection(sites)).find();
  const hosts = await documents.collection(hostRecords);
  for (let machine = 0; machine < month.machines; machine++) {
    await hosts.insert({
      id: hostOf(machine),
      siteId: site?.id ?? '',
      name: `machine-${machine}`,
      kind: 'agent',
      isAppliance: false,
      tags: [],
      intervalMs: STEP_MS,
      createdAt: month.from,
    });
  }
  await documents.close();
}

/** History as the appliance opens it, with a clock that is set by hand and group commits that wait for nobody (or `longestWaitMs`). */
export async function openReeve(dataDir: string, clock: { now: number }, longestWaitMs = 0): Promise<OpenedHistory> {
  const now = () => clock.now;
  const engine = await openNedbHistory({ dir: join(dataDir, 'history'), log: silent, now });
  return openHistory({ engine, log: silent, now, tickMs: 2 ** 30, longestWaitMs });
}

/**
 * Gives Reeve the month through the door that agents' frames take, as fast as it takes them; its clock goes with the frames, so
 * that days are sealed, folded and dropped as in life. Answers the CPU ms that this tending took.
 */
export async function loadReeve(dataDir: string, month: Month): Promise<{ tendMs: number }> {
  const clock = { now: month.from };
  const history = await openReeve(dataDir, clock);
  const declared = METRICS.map((metric) => ({ metric, attributes: {} }));
  const series = Array.from({ length: month.machines }, (_, machine) => history.declare(hostOf(machine), declared));
  const frameOf = (machine: number, values: readonly number[], at: number): NewFrame => ({
    hostId: hostOf(machine),
    stream: `${machine}/stream`,
    seq: (at - month.from) / STEP_MS + 1,
    at,
    offsetMs: 0,
    intervalMs: STEP_MS,
    series: series[machine] ?? [],
    values,
  });
  const lastHalfDay = month.to - 43_200_000;
  let tendMs = 0;
  let minute = 0;
  for (const [at, values] of minutesOf(month)) {
    clock.now = at;
    const durable = history.append(values.map((own, machine) => frameOf(machine, own, at)));
    minute += 1;
    if (minute % WAIT_EVERY === 0 || at >= lastHalfDay) await durable;
    if (minute % TEND_EVERY === 0) tendMs += await ownCpuMs(() => history.tend());
  }
  await history.close();
  return { tendMs };
}
