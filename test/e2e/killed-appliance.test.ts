import { onTestFinished, test } from 'vitest';
import { startAgent } from '../helpers/agent.ts';
import { startAppliance } from '../helpers/appliance.ts';
import { createOwner } from '../helpers/owner.ts';
import { expectOnceEach, perSecond } from '../helpers/per-second.ts';
import { freePort } from '../helpers/ports.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

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
  expectOnceEach(await perSecond(owner, from));
  await second.stop();
}, 120_000);
