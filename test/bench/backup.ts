// bench: backup: how long a backup of a large history holds up whoever sends, in the process that makes it.
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { sealedLine } from '../../appliance/history/transfer/line.ts';
import { startAppliance } from '../../appliance/main.ts';
import type { JobRun } from '../../protocol/jobs.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { OWNER } from '../helpers/owner.ts';
import { until } from '../helpers/until.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { openReeve } from './history/reeve.ts';
import { prepareFleet } from './paired-fleet.ts';

const HOUR_MS = 3_600_000;
const MINUTES = 60;
const SERIES = 400;
const HOST = '00000000-0000-7000-8000-000000000001';
const NS = 1e6;
const RESOLUTION_MS = 1;

/** Of each minute a mean, a least and a most that are chance. */
function columns(): { values: number[]; count: number[]; min: number[]; max: number[] } {
  const values = Array.from({ length: MINUTES }, Math.random);
  const min = values.map((value) => value * Math.random());
  const max = values.map((value) => value + Math.random());
  return { values, count: values.map(() => 12), min, max };
}

/** Hours of noise, which no encoding makes small, as the lines of an export. */
async function* noise(hours: number): AsyncIterable<Uint8Array> {
  const endsAt = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  let n = 1;
  const line = (value: object): Uint8Array => Buffer.from(sealedLine(JSON.stringify({ n: n++, ...value })));
  const hosts = { [HOST]: 'noise' };
  yield line({ reeve: 'history', version: 1, at: endsAt, from: 0, to: Number.MAX_SAFE_INTEGER, hosts });
  const at = Array.from({ length: MINUTES }, (_, minute) => minute * 60_000);
  for (let hour = hours; hour > 0; hour--) {
    const series = Array.from({ length: SERIES }, (_, each) => ({ metric: `noise.${each}`, ...columns() }));
    yield line({ tier: '1m', host: HOST, intervalMs: 60_000, from: endsAt - hour * HOUR_MS, at, series });
  }
  yield line({ end: true, rows: hours * MINUTES });
}

async function bytesUnder(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** The appliance in this process, so that its event loop can be looked at; signed in as its owner. */
async function started(data: string) {
  const appliance = await startAppliance({
    ...{ data, httpPort: 0, httpsPort: 0, logLevel: 'silent', hosts: [], trustProxy: [], mdns: false },
    ...{
      url: undefined,
      key: undefined,
      selfAgent: false,
      systemRun: '/nonexistent',
      systemOrders: '/nonexistent',
      distDir: '/nonexistent',
      isTerminal: false,
    },
    print: () => undefined,
  });
  const base = `http://127.0.0.1:${new URL(appliance.httpUrl).port}`;
  const headers = { 'content-type': 'application/json' };
  const { userName, password } = OWNER;
  const entered = await fetch(`${base}/api/v1/session`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ userName, password }) },
  });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  const ask = async <T>(method: string, path: string): Promise<T> =>
    (await (await fetch(base + path, { method, headers: { cookie } })).json()) as T;
  return { appliance, ask };
}

/** Longest time for which the event loop of this process took nothing while `work` ran, ms. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  await work();
  histogram.disable();
  return Math.max(0, histogram.max / NS - RESOLUTION_MS);
}

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const data = makeDirectory('reeve-bench-');
  try {
    await prepareFleet(data, 1);
    const history = await openReeve(data, { now: Date.now() });
    const { problem } = await history.transfer.import(noise(isQuick ? 10 : 300));
    if (problem) throw new Error(`line ${problem.line}: ${problem.reason}`);
    await history.close();
    const bytes = await bytesUnder(join(data, 'history'));
    const { appliance, ask } = await started(data);
    try {
      const idle = await longestStall(() => pause(5_000));
      let run: JobRun | undefined;
      const stall = await longestStall(async () => {
        const { id } = await ask<JobRun>('POST', '/api/v1/jobs/backup/run');
        run = await until(
          async () => {
            const { items } = await ask<{ items: JobRun[] }>('GET', '/api/v1/jobs/backup/runs?limit=5');
            const one = items.find((each) => each.id === id);
            return one?.state !== 'running' && one;
          },
          { timeoutMs: 900_000, what: 'the backup ends', everyMs: 250 },
        );
      });
      if (run?.state !== 'done') throw new Error(`the backup ended ${run?.state}: ${run?.text}`);
      const note = `history of ${(bytes / 1e6).toFixed(0)} MB; ${idle.toFixed(1)} ms in 5 s without a backup; ${run.text}`;
      yield {
        name: 'longest hold of what comes in while a backup is made',
        value: stall,
        unit: 'ms',
        atMost: 50,
        note,
      };
    } finally {
      await appliance.stop();
    }
  } finally {
    removeDirectory(data);
  }
}
