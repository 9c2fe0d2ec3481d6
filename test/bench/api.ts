// bench: how fast the read routes answer while 50 hosts are live
import { Agent, request } from 'node:http';
import type { Route } from '../../protocol/route.ts';
import { routes } from '../../protocol/routes/index.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { type Owner, signIn } from '../helpers/owner.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { quantile } from './measure.ts';
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

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

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

/** Asks each in turn, again and again, as four dashboards at once would. */
async function askAll(
  appliance: RunningAppliance,
  owner: Owner,
  { all, rounds }: { all: readonly Read[]; rounds: number },
) {
  const taken = new Map(all.map((read) => [read, { ms: [] as number[], bytes: 0 }]));
  const queue = Array.from({ length: rounds }, () => all).flat();
  const work = async (): Promise<void> => {
    for (let read = queue.pop(); read; read = queue.pop()) {
      const { ms, bytes } = await ask(appliance.httpUrl, read, owner.cookie);
      const own = taken.get(read);
      own?.ms.push(ms);
      if (own) own.bytes = bytes;
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return taken;
}

async function* measure(
  appliance: RunningAppliance,
  senders: readonly Sender[],
  { isQuick }: BenchOptions,
): AsyncGenerator<Figure> {
  const owner = await signIn(appliance);
  const [host] = await owner.hosts();
  const all = reads(host?.id ?? '');
  await pace(senders, isQuick ? 3 : 20);
  await askAll(appliance, owner, { all, rounds: 5 });
  const sending = pace(senders, isQuick ? 10 : 60);
  const taken = await askAll(appliance, owner, { all, rounds: isQuick ? 10 : 200 });
  await sending;
  const rows = [...taken].map(([{ name }, { ms, bytes }]) => ({
    name,
    bytes,
    p50: quantile(ms, 0.5),
    p95: quantile(ms, 0.95),
    count: ms.length,
  }));
  const by = (what: 'p50' | 'p95') => rows.reduce((worst, row) => (row[what] > worst[what] ? row : worst));
  const [slowMedian, slowTail] = [by('p50'), by('p95')];
  const how = `${rows.length} routes, four askers at once, while ${AGENTS} hosts send 40 values a second`;
  yield {
    name: 'slowest route, p50',
    value: slowMedian.p50,
    unit: 'ms',
    atMost: P50_MS,
    note: `${slowMedian.name}; ${how}`,
  };
  yield { name: 'slowest route, p95', value: slowTail.p95, unit: 'ms', atMost: P95_MS, note: slowTail.name };
  for (const { name, p50, p95, bytes, count } of rows.sort((a, b) => b.p95 - a.p95).slice(0, 12))
    yield {
      name: `${name}, p95`,
      value: p95,
      unit: 'ms',
      atMost: P95_MS,
      note: `p50 ${p50.toFixed(1)} ms, ${(bytes / 1000).toFixed(0)} KB, ${count} times`,
    };
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
