import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeIdentity } from '../../../agent/identity.ts';
import { startAgent } from '../../../agent/main.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import type { HistoryAnswer } from '../../../protocol/routes/history.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { connectByHand, declared, frameOf, helloOf } from '../../helpers/hand-agent.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { keptLog } from '../../helpers/machine.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const DAY = 86_400_000;

/** An appliance whose last time, as far as it knows, is tomorrow, with one paired agent. */
async function setBackByADay() {
  const data = temporaryDirectory();
  writeFileSync(path.join(data, 'clock.json'), JSON.stringify({ lastAt: Date.now() + DAY }));
  const reeve = await startInProcess({ data, distDir: makeAgentDist() });
  onTestFinished(() => reeve.stop());
  await reeve.setUp();
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: 'nas01' });
  const pairing = await pairWith(reeve.https, { token: String(body.token), name: 'nas01', facts: someFacts });
  return { reeve, pairing };
}

test('while its clock is not believed nobody is measured or re-stamped, and a person may confirm it', async () => {
  const { reeve, pairing } = await setBackByADay();
  const clock = await reeve.call('GET', '/api/v1/system/clock');
  expect(clock.body).toMatchObject({ trust: 'untrusted' });
  expect(clock.body.reason).toContain('behind the last time seen');

  const agent = await connectByHand(reeve.https, pairing);
  onTestFinished(() => agent.close());
  const hello = await agent.say<{ hostId: string }>('hello', helloOf());
  await agent.say('declare', declared);
  expect(await agent.say('time')).toMatchObject({ ok: false, error: { code: 'clock-untrusted' } });
  const at = Math.floor(Date.now() / 5_000) * 5_000;
  const sent = await agent.say('frames', { offsetMs: DAY, frames: [frameOf(1, at, [0, 0.5])] });
  expect(sent.ok).toBe(true);
  const farAhead = await agent.say('frames', { offsetMs: 0, frames: [frameOf(2, at + 2 * DAY, [0, 0.5])] });
  expect(farAhead).toMatchObject({ ok: false, error: { code: 'clock-untrusted' } });

  const confirmed = await reeve.call('POST', '/api/v1/system/clock/confirm');
  expect(confirmed.body).toMatchObject({ trust: 'trusted' });
  expect(Math.abs(Number(confirmed.body.at) - Date.now())).toBeLessThan(5_000);
  await until(() => !agent.socket.connected, { what: 'the agent is to connect anew' });
  const hostId = hello.ok ? hello.value.hostId : '';
  const query = `hosts=${hostId}&from=${at - 60_000}&to=${at + 60_000}&metrics=system.cpu.utilization&maxPoints=24`;
  const { body } = await reeve.call('GET', `/api/v1/history?${query}`);
  const { first, stepMs, series } = body as unknown as HistoryAnswer;
  const step = (series[0]?.average ?? []).findIndex((value) => value !== null);
  expect(first + step * stepMs).toBe(at);
});

test('an agent goes on without a measurement, and measures as soon as the clock is believed', async () => {
  const { reeve, pairing } = await setBackByADay();
  const stateDir = temporaryDirectory();
  writeIdentity(stateDir, { ...pairing, urls: [reeve.https] });
  const log = keptLog();
  const agent = await startAgent({ stateDir, log, mdns: false, intervalMs: 1_000 });
  onTestFinished(() => agent.stop());
  const [host] = (await reeve.call('GET', '/api/v1/hosts')).body.items as { id: string }[];
  const at = Date.now();
  const stored = async () =>
    (
      (await reeve.call('GET', `/api/v1/history?hosts=${host?.id}&from=${at}&to=${at + 60_000}`))
        .body as unknown as HistoryAnswer
    ).series.length;
  await until(async () => (await stored()) > 0, { what: 'its frames are taken' });
  await reeve.call('POST', '/api/v1/system/clock/confirm');
  const connections = () => log.lines.filter((line) => line.startsWith('info connected')).length;
  await until(() => connections() === 2, { what: 'it connects anew' });
  const status = async () => (await reeve.call('GET', `/api/v1/hosts/${host?.id}`)).body.status;
  await until(async () => (await status()) === 'online', { what: 'its frames are taken again' });
  expect(log.lines.filter((line) => line.startsWith('warn') && !line.includes('the connection was closed'))).toEqual(
    [],
  );
}, 30_000);
