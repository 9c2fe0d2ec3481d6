import { expect, onTestFinished, test } from 'vitest';
import { startAgent } from '../helpers/agent.ts';
import { startAppliance } from '../helpers/appliance.ts';
import { createOwner, type Owner } from '../helpers/owner.ts';
import { freePort } from '../helpers/ports.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

interface Counted {
  first: number;
  stepMs: number;
  series: { count: (number | null)[] }[];
}

/** How many values history has of each second since `from`, from the first that has one to the last. */
async function perSecond(owner: Owner, from: number): Promise<number[]> {
  const [host] = await owner.hosts();
  const query = `from=${from}&to=${Date.now()}&metrics=system.uptime&resolution=raw&maxPoints=5000&values=count`;
  const { body, status } = await owner.request('GET', `/api/v1/history?hosts=${host?.id}&${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { series, stepMs } = body as Counted;
  expect(stepMs).toBe(1_000);
  const counts = (series[0]?.count ?? []).map((count) => count ?? 0);
  const known = counts.map((count, step) => (count > 0 ? step : -1)).filter((step) => step >= 0);
  return counts.slice(known[0] ?? 0, (known.at(-1) ?? -1) + 1);
}

test('an appliance that is killed between two questions of an agent has every frame once when it is back', async () => {
  const dataDir = temporaryDirectory();
  const env = { REEVE_HTTPS_PORT: String(await freePort()), REEVE_HTTP_PORT: String(await freePort()) };
  const first = await startAppliance({ dataDir, env });
  const owner = await createOwner(first);
  const from = Date.now();
  const agent = startAgent({ hub: first.httpsUrl, token: await owner.token('nas'), flags: ['--interval', '1s'] });
  onTestFinished(() => (agent.isRunning() ? agent.kill() : undefined));
  // The first frame is asked for, the next eight are not.
  await until(async () => (await perSecond(owner, from)).length >= 5, { timeoutMs: 30_000, what: 'frames unasked' });
  await first.kill();
  const second = await startAppliance({ dataDir, env });
  onTestFinished(() => second.kill());
  const killed = (await perSecond(owner, from)).length;
  await until(async () => (await perSecond(owner, from)).length >= killed + 12, { timeoutMs: 60_000, what: 'more' });
  // What comes first is off the grid, and shares its second with the next.
  const [, , ...counts] = await perSecond(owner, from);
  expect(counts).toEqual(counts.map(() => 1));
  await second.stop();
}, 120_000);
