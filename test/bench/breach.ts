import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { startAgent } from '../helpers/agent.ts';
import { type RunningAppliance, startAppliance } from '../helpers/appliance.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { createOwner, type Owner, signIn } from '../helpers/owner.ts';
import { until } from '../helpers/until.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { median, quantile } from './measure.ts';
import { prepareFleet } from './paired-fleet.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { open, type Sender, send } from './senders.ts';

const MORE = 250;
const MARGIN = 150;
const INTERVAL_MS = 5_000;
/** What opens or ends within 30 s of another is told together with it, and that window is opened once more by the end of a breach. */
const APART_MS = 65_000;

async function must<T>(owner: Owner, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await owner.request(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as T;
}

const webhookTo = (owner: Owner, { url }: Receiver): Promise<unknown> =>
  must(owner, 'POST', '/api/v1/notification-channels', {
    ...{ kind: 'webhook', name: 'far end', isEnabled: true, value: { url, allowPlain: true } },
  });

/** The last count of processes that the agent told. */
async function counted(owner: Owner, since: number): Promise<number | undefined> {
  const [host] = await owner.hosts();
  if (!host) return undefined;
  const query = { from: since, to: Date.now() + 1, metrics: 'system.process.count' };
  return (await owner.history(host.id, query)).series[0]?.average.findLast((value) => value !== null) ?? undefined;
}

/** One breach of the real world: from the process that is too many to the far end, ms. */
async function breach(owner: Owner, receiver: Receiver, n: number): Promise<number> {
  const before = await until(() => counted(owner, Date.now() - INTERVAL_MS * 2), { timeoutMs: 60_000 });
  const title = `Breach number ${n}`;
  // A rule for each: one that opens and ends all the time is held back as flapping, and rightly so.
  const rule = await must<{ id: string }>(owner, 'POST', '/api/v1/alert-rules', {
    ...{ title, severity: 'high', metric: 'system.process.count' },
    condition: { id: 'above', settings: { threshold: before + MARGIN } },
  });
  await pause(Math.random() * INTERVAL_MS); // Anywhere between two frames.
  const children: ChildProcess[] = [];
  try {
    let brokenAt = 0;
    for (let made = 0; made < MORE; made++) {
      children.push(spawn('sleep', ['600'], { stdio: 'ignore' }));
      if (made === MARGIN) brokenAt = Date.now();
    }
    const told = await until(() => receiver.arrived.find(({ body }) => body.includes(title)), { timeoutMs: 60_000 });
    return told.at - brokenAt;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    const endedAt = Date.now();
    await must(owner, 'DELETE', `/api/v1/alert-rules/${rule.id}`);
    await until(async () => ((await counted(owner, endedAt)) ?? Number.POSITIVE_INFINITY) < before + MARGIN, {
      ...{ timeoutMs: 60_000, what: 'the processes are gone from the values' },
    });
  }
}

/** From a breach on a real agent to a real far end, over all that lies between. */
export async function* breaches({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const receiver = await startReceiver();
  const appliance = await startAppliance();
  const owner = await createOwner(appliance);
  const agent = startAgent({ hub: appliance.httpsUrl, token: await owner.token('bench') });
  const took: number[] = [];
  try {
    await webhookTo(owner, receiver);
    for (let n = 0; n < (isQuick ? 2 : 8); n++) {
      if (n > 0) await pause(APART_MS);
      took.push(await breach(owner, receiver, n));
    }
  } finally {
    await agent.kill();
    await stopped(appliance);
    receiver.close();
  }
  const note = `${took.length} breaches at random moments, agent, appliance and far end each a process; interval 5 s`;
  yield { name: 'breach to far end, p50', value: median(took) / 1_000, unit: 's', atMost: 60, aim: 6, note };
  yield { name: 'breach to far end, p95', value: quantile(took, 0.95) / 1_000, unit: 's', atMost: 60, note };
}

async function stopped(appliance: RunningAppliance): Promise<void> {
  await appliance.stop();
  removeDirectory(appliance.dataDir);
}

/** The built-in rule calls a host offline after that; what is told together has 30 s to come, and whatever comes later is one too many. */
const OFFLINE_MS = 180_000;
const LATEST_MS = 60_000;
const AT_ONCE = 25;

/** Every host of a large fleet goes silent at one moment; how many messages that makes. */
export async function* fleetOffline({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const count = isQuick ? 50 : 500;
  const dataDir = makeDirectory('reeve-bench-');
  const fleet = await prepareFleet(dataDir, count);
  const receiver = await startReceiver();
  const appliance = await startAppliance({ dataDir });
  try {
    const owner = await signIn(appliance);
    await webhookTo(owner, receiver);
    const senders: Sender[] = [];
    for (const [index, pairing] of fleet.entries()) senders.push(await open(appliance.httpsUrl, pairing, index));
    for (let at = 0; at < senders.length; at += AT_ONCE)
      await Promise.all(senders.slice(at, at + AT_ONCE).map((sender) => send(sender, 1, Date.now())));
    for (const { agent } of senders) agent.close();
    const silentAt = Date.now();
    await until(() => receiver.arrived[0], { timeoutMs: OFFLINE_MS + LATEST_MS, what: 'it is told' });
    await pause(Math.max(0, silentAt + OFFLINE_MS + LATEST_MS - Date.now()));
    const told = receiver.arrived.map(({ body }) => (JSON.parse(body) as { title: string }).title);
    const afterS = ((receiver.arrived[0]?.at ?? 0) - silentAt) / 1_000;
    const note = `${count} hosts with open sessions, cut at one moment, looked at for 4 min; told after ${afterS.toFixed(0)} s: ${told.join('; ')}`;
    yield { name: 'messages when a whole fleet goes offline', value: told.length, unit: 'messages', atMost: 1, note };
  } finally {
    await stopped(appliance);
    receiver.close();
  }
}
