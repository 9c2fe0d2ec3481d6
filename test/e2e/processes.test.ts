import { expect, test } from 'vitest';
import { pairWith } from '../../discovery/pairing/client.ts';
import type { HelloAnswer } from '../../protocol/agent-link.ts';
import { connectByHand, declared, frameOf, helloOf, someProcesses } from '../helpers/hand-agent.ts';
import { someFacts } from '../helpers/pairing-appliance.ts';
import { isSoundEverywhere, signedIn } from '../helpers/signed-in.ts';
import { until } from '../helpers/until.ts';

const bench = signedIn('processes');

test('the page of a host shows which processes take most, asks while it is seen, and says when the host is silent', async () => {
  const { page, appliance, owner } = bench;
  const { body } = await owner.request('POST', '/api/v1/agents/tokens', { name: 'busy' });
  const facts = { ...someFacts, hostName: 'busy' };
  const pairing = await pairWith(appliance.httpsUrl, {
    token: String((body as { token: string }).token),
    name: 'busy',
    facts,
  });
  const agent = await connectByHand(appliance.httpsUrl, pairing);
  let asked = 0;
  let isSilent = false;
  agent.socket.off('processes').on('processes', (reply) => {
    asked++;
    const idle = { pid: 7, name: 'reader of mail', user: 'ann', cpu: 0.01, memoryBytes: 2_000_000_000 };
    if (isSilent) reply({ ok: false, reason: 'ps: not allowed' });
    else reply({ ok: true, value: { ...someProcesses, leftOut: 3, items: [idle, ...someProcesses.items] } });
  });
  const hello = await agent.say<HelloAnswer>('hello', helloOf('busy'));
  if (!hello.ok) throw new Error(hello.error.message);
  await agent.say('declare', declared);
  await agent.say('frames', { offsetMs: 0, frames: [frameOf(1)] });
  expect(asked).toBe(0);

  await page.goto(`${appliance.httpUrl}/hosts/${hello.value.hostId}`);
  const table = page.getByRole('table', { name: 'Processes' });
  await table.scrollIntoViewIfNeeded();
  const rows = table.getByRole('row');
  await until(async () => (await rows.count()) === 3, { timeoutMs: 15_000, what: 'both processes are shown' });
  expect(await rows.nth(1).textContent()).toMatch(/worker\s*4711\s*www-data\s*42\s*%/);
  await page.getByText('Those of 123 that take most of the processor or of memory.').waitFor();
  await page.getByText('3 were not looked at.').waitFor();
  await table.getByRole('button', { name: 'Memory' }).click();
  await table.getByRole('button', { name: 'Memory' }).click();
  expect(await rows.nth(1).textContent()).toContain('reader of mail');
  await isSoundEverywhere(page, 'host-processes');

  isSilent = true;
  await page.getByText(/As of .*: the host does not answer now\./).waitFor();
  await page.goto(`${appliance.httpUrl}/hosts/${hello.value.hostId}/settings`);
  const before = asked;
  await page.getByRole('heading', { name: 'Remove' }).waitFor();
  expect(asked).toBeLessThanOrEqual(before + 1);
  agent.close();
});
