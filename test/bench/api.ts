// bench: how fast the read routes answer while 50 hosts are live
import { Agent, request } from 'node:http';
import type { Route } from '../../protocol/route.ts';
import { routes } from '../../protocol/routes/index.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { signIn } from '../helpers/owner.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { cpuSeconds, quantile } from './measure.ts';
import { prepareFleet } from './paired-fleet.ts';
import { AGENTS, open, pace, type Sender } from './senders.ts';

/** What is no everyday read: a check of everything, and files. */
const LEFT_OUT = ['trail.verify'];
const P50_MS = 20;
const P95_MS = 100;

interface Read {
  name: string;
  path: string;
}

/** Every read that needs no id, those of one host, and history as the fleet and the host page ask for it. */
function reads(hostId: string): Read[] {
  const table: readonly Route[] = routes;
  const plain = table.filter(({ id, method, path, query, access }) => {
    const needs = Object.values(query?.shape ?? {}).some((field) => !field.safeParse(undefined).success);
    return (
      method === 'GET' &&
      access !== 'setup' &&
      access !== 'public' &&
      !LEFT_OUT.includes(id) &&
      !needs &&
      !path.replace(':hostId', '').includes(':')
    );
  });
  const hour = `from=${Date.now() - 3_600_000}&to=${Date.now() + 60_000}`;
  return [
    ...plain.map(({ id, path }) => ({ name: id, path: path.replace(':hostId', hostId) })),
    { name: 'history.read, one host', path: `/api/v1/history?hosts=${hostId}&${hour}` },
    { name: `history.read, one series of ${AGENTS} hosts`, path: `/api/v1/history?metrics=bench.value.1&${hour}` },
  ];
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Sends one request and reads all of its answer; resolves with the time that took. Fails for anything but 200. */
function ask(base: string, { path }: Read, cookie: string): Promise<{ ms: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const call = request(base + path, { headers: { cookie }, agent }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve({ ms: performance.now() - startedAt, bytes });
        else reject(new Error(`${path}: ${answer.statusCode}`));
      });
    });
    call.on('error', reject);
    call.end();
  });
}

interface Row extends Read {
  bytes: number;
  p50: number;
  p95: number;
  /** Processor time of the appliance for each request, the fleet's frames included. */
  cpuMs: number;
}

/** Asks for one thing again and again, one request after the other. */
async function askOften(
  appliance: RunningAppliance,
  cookie: string,
  { read, times }: { read: Read; times: number },
): Promise<Row> {
  const taken: number[] = [];
  let bytes = 0;
  const before = cpuSeconds(appliance.pid);
  for (let time = 0; time < times; time++) {
    const answer = await ask(appliance.httpUrl, read, cookie);
    taken.push(answer.ms);
    bytes = answer.bytes;
  }
  const cpuMs = ((cpuSeconds(appliance.pid) - before) * 1_000) / times;
  return { ...read, bytes, p50: quantile(taken, 0.5), p95: quantile(taken, 0.95), cpuMs };
}

async function* measure(
  appliance: RunningAppliance,
  senders: readonly Sender[],
  { isQuick }: BenchOptions,
): AsyncGenerator<Figure> {
  const owner = await signIn(appliance);
  const [host] = await owner.hosts();
  await pace(senders, isQuick ? 3 : 30);
  const all = reads(host?.id ?? '');
  let isOver = false;
  const sending = (async () => {
    while (!isOver) await pace(senders, 1);
  })();
  const rows: Row[] = [];
  for (const read of all) await askOften(appliance, owner.cookie, { read, times: 10 });
  for (const read of all) rows.push(await askOften(appliance, owner.cookie, { read, times: isQuick ? 10 : 150 }));
  isOver = true;
  await sending;
  const by = (what: 'p50' | 'p95') => rows.reduce((worst, row) => (row[what] > worst[what] ? row : worst));
  const [slowMedian, slowTail] = [by('p50'), by('p95')];
  const how = `${rows.length} reads, one after the other, while ${AGENTS} hosts send 40 values a second`;
  yield {
    name: 'slowest read, p50',
    value: slowMedian.p50,
    unit: 'ms',
    atMost: P50_MS,
    note: `${slowMedian.name}; ${how}`,
  };
  yield { name: 'slowest read, p95', value: slowTail.p95, unit: 'ms', atMost: P95_MS, note: slowTail.name };
  for (const { name, p50, p95, bytes, cpuMs } of rows.sort((a, b) => b.p95 - a.p95).slice(0, 12)) {
    const note = `p50 ${p50.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms CPU with the fleet's frames, ${(bytes / 1000).toFixed(0)} KB`;
    yield { name: `${name}, p95`, value: p95, unit: 'ms', atMost: P95_MS, note };
  }
}

export async function* figures(options: BenchOptions): AsyncGenerator<Figure> {
  const dataDir = makeDirectory();
  try {
    const fleet = await prepareFleet(dataDir, AGENTS);
    const appliance = await startAppliance({ dataDir });
    const senders: Sender[] = [];
    try {
      for (const [index, pairing] of fleet.entries()) senders.push(await open(appliance.httpsUrl, pairing, index));
      yield* measure(appliance, senders, options);
    } finally {
      agent.destroy();
      for (const sender of senders) sender.agent.close();
      await appliance.stop();
    }
  } finally {
    removeDirectory(dataDir);
  }
}
