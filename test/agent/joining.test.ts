import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { confirm } from '../../agent/confirm.ts';
import { readIdentity } from '../../agent/identity.ts';
import { takeConfirmation, writeConfirmation, writeJoining } from '../../agent/joining-file.ts';
import { startAgent } from '../../agent/main.ts';
import { status } from '../../agent/status.ts';
import { unpair } from '../../agent/unpair.ts';
import { type InProcess, startInProcess } from '../helpers/in-process.ts';
import { joiningAppliance } from '../helpers/joining-appliance.ts';
import { keptLog } from '../helpers/machine.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

async function appliance(): Promise<InProcess> {
  const reeve = await startInProcess();
  onTestFinished(() => reeve.stop());
  await reeve.setUp();
  return reeve;
}

async function agentAt(hub: string, stateDir = temporaryDirectory()) {
  const log = keptLog();
  const options = { stateDir, log, mdns: false, hub, name: 'nuc-7', collectors: [], machineId: 'a'.repeat(32) };
  const agent = await startAgent(options);
  onTestFinished(() => agent.stop());
  return { agent, log, stateDir };
}

const digitsIn = (stateDir: string) => /^ {2}(\d{3}) (\d{3}) /m.exec(status({ stateDir }))?.slice(1).join('');
const shown = (stateDir: string) => until(() => digitsIn(stateDir), { what: 'six digits', timeoutMs: 10_000 });
const joins = async (reeve: InProcess) =>
  ((await reeve.call('GET', '/api/v1/agents/joins')).body.items ?? []) as { id: string; name: string }[];
const type = async (reeve: InProcess, digits: string) => {
  const [request] = await until(async () => (await joins(reeve)).length > 0 && joins(reeve), { what: 'a request' });
  return reeve.call('POST', `/api/v1/agents/joins/${request?.id}/accept`, { digits });
};
const agents = async (reeve: InProcess) =>
  (await reeve.call('GET', '/api/v1/agents')).body.items as {
    id: string;
    state: string;
    by: string;
    connected: boolean;
    leftAt?: number;
  }[];

/** From the question to the session, as two people would do it. */
async function joined(reeve: InProcess) {
  const started = await agentAt(reeve.https);
  const digits = await shown(started.stateDir);
  expect((await type(reeve, digits)).status).toBe(200);
  await until(() => status(started).includes('says that the digits were typed there'), { timeoutMs: 10_000 });
  expect(await confirm(started.stateDir, digits)).toContain('is paired');
  await until(async () => (await agents(reeve))[0]?.connected, { what: 'a session' });
  return started;
}

describe('an agent without a token', () => {
  it('shows six digits, is let in when they were typed in the dashboard and confirmed here, and reports', async () => {
    const reeve = await appliance();
    const { stateDir, log } = await joined(reeve);
    expect(await agents(reeve)).toMatchObject([{ state: 'active', by: 'digits' }]);
    expect(readIdentity(stateDir)).toMatchObject({ by: 'digits', urls: [reeve.https] });
    expect(status({ stateDir })).toMatch(/is paired with appliance .* by six digits/);
    expect(readdirSync(stateDir).sort()).toEqual(['agent.json', 'agent.lock', 'spool']);
    expect(log.lines.join()).toContain('reeve-agent status');
    expect(await confirm(stateDir)).toContain('paired already');
  }, 30_000);

  it('is not let in by a confirmation that comes before the digits were typed, and says what to do first', async () => {
    const reeve = await appliance();
    const { stateDir } = await agentAt(reeve.https);
    const digits = await shown(stateDir);
    await expect(confirm(stateDir, digits)).rejects.toThrow(`Type ${digits} in the dashboard first`);
    await expect(confirm(stateDir)).rejects.toThrow('in the dashboard first');
    await expect(confirm(stateDir, '000000')).rejects.toThrow('No request has the digits');
    expect(readIdentity(stateDir)).toBeUndefined();
  }, 30_000);

  it('does not obey a file that says more than a person could: the agent itself looks whether the digits were accepted', async () => {
    const reeve = await appliance();
    const { stateDir } = await agentAt(reeve.https);
    const digits = await shown(stateDir);
    writeConfirmation(stateDir, { id: 'forged', digits });
    await until(() => readdirSync(stateDir).includes('confirm.json') === false, { what: 'the file is taken away' });
    for (const hostile of ['', '{', 'null', '[]', '{"id":1}', JSON.stringify({ id: 'x', digits: 'x'.repeat(1e6) })]) {
      writeFileSync(join(stateDir, 'confirm.json'), hostile, { mode: 0o600 });
      await until(() => readdirSync(stateDir).includes('confirm.json') === false, { what: 'the file is taken away' });
    }
    expect(readIdentity(stateDir)).toBeUndefined();
    expect(digitsIn(stateDir)).toBe(digits);
  }, 30_000);

  it('gives a rogue appliance that says yes by itself nothing but its name, until a person here confirms', async () => {
    const rogue = await joiningAppliance({ isRogue: true });
    onTestFinished(() => rogue.close());
    const { stateDir } = await agentAt(rogue.url);
    await shown(stateDir);
    await until(() => rogue.requests.filter(({ path }) => path.endsWith('/look')).length > 1, { timeoutMs: 15_000 });
    expect(rogue.requests.map(({ path }) => path)).not.toContain('/api/v1/pairing/join/confirm');
    expect(JSON.stringify(rogue.requests)).not.toContain('machineId');
    expect(readIdentity(stateDir)).toBeUndefined();
  }, 30_000);

  it('asks again with other digits when its request was refused, but not at once', async () => {
    const reeve = await appliance();
    const { stateDir } = await agentAt(reeve.https);
    await shown(stateDir);
    const [request] = await joins(reeve);
    await reeve.call('POST', `/api/v1/agents/joins/${request?.id}/refuse`, {});
    await until(() => status({ stateDir }).includes('asked again with other digits'), { timeoutMs: 10_000 });
    expect(digitsIn(stateDir)).toBeUndefined();
  }, 30_000);

  it('says why it cannot ask', async () => {
    const { stateDir } = await agentAt('https://127.0.0.1:1');
    await until(() => status({ stateDir }).includes('cannot be reached'), { what: 'the reason', timeoutMs: 10_000 });
  }, 20_000);

  it('leaves nothing behind when it is stopped, and nobody can confirm then', async () => {
    const reeve = await appliance();
    const { agent, stateDir } = await agentAt(reeve.https);
    await shown(stateDir);
    for (const file of readdirSync(stateDir)) expect(statSync(join(stateDir, file)).mode & 0o077).toBe(0);
    await agent.stop();
    expect(readdirSync(stateDir)).toEqual([]);
    expect(status({ stateDir })).toContain('No agent waits');
    await expect(confirm(stateDir)).rejects.toThrow('No agent waits');
  }, 30_000);
});

describe('several appliances', () => {
  const candidate = (digits: string, state: 'waiting' | 'accepted') => ({
    digits,
    url: `https://10.0.0.${digits[0]}:8443`,
    applianceId: digits,
    state,
  });

  it('are listed with their digits, and without digits none is chosen, also where one says that it accepted', async () => {
    const stateDir = temporaryDirectory();
    writeJoining(stateDir, {
      candidates: [candidate('123456', 'accepted'), candidate('234567', 'waiting')],
      troubles: [],
    });
    const text = status({ stateDir });
    for (const part of ['123 456', '234 567', '10.0.0.1', '10.0.0.2', 'Only one of them is yours'])
      expect(text).toContain(part);
    await expect(confirm(stateDir)).rejects.toThrow('Say which is yours by its digits');
    await expect(confirm(stateDir, '234567')).rejects.toThrow('Type 234567 in the dashboard first');
    expect(takeConfirmation(stateDir)).toBeUndefined();
  });

  it('what was left by a process that is gone is not believed', () => {
    const stateDir = temporaryDirectory();
    const left = { holder: '999999999 5', candidates: [candidate('123456', 'accepted')], troubles: [] };
    writeFileSync(join(stateDir, 'joining.json'), JSON.stringify(left), { mode: 0o600 });
    expect(status({ stateDir })).toContain('No agent waits');
  });
});

describe('a machine that is unpaired', () => {
  it('tells its appliance, where the agent is shown as gone and never let in again with that key', async () => {
    const reeve = await appliance();
    const { agent, stateDir } = await joined(reeve);
    const identity = readIdentity(stateDir);
    await agent.stop();
    expect(await unpair({ stateDir })).toContain('and the appliance knows it');
    expect(await agents(reeve)).toMatchObject([{ state: 'revoked', leftAt: expect.any(Number), connected: false }]);
    const [host] = (await reeve.call('GET', '/api/v1/hosts')).body.items as { statusReason: string }[];
    expect(host?.statusReason).toContain('unpaired on the machine itself');
    if (!identity) throw new Error('it was not paired');
    const { connect } = await import('../../agent/connect.ts');
    await expect(connect(reeve.https, identity)).rejects.toThrow('was unpaired on its machine');
  }, 40_000);

  it('is unpaired also where the appliance is not there, and says what is left to do', async () => {
    const reeve = await appliance();
    const { agent, stateDir } = await joined(reeve);
    await agent.stop();
    await reeve.appliance.stop();
    expect(await unpair({ stateDir })).toMatch(/could not be told: revoke the agent there/);
    expect(readIdentity(stateDir)).toBeUndefined();
  }, 40_000);

  it('an agent that is revoked while it is connected is out at once, and says why in its log', async () => {
    const reeve = await appliance();
    const { log } = await joined(reeve);
    const [agent] = await agents(reeve);
    await reeve.call('POST', `/api/v1/agents/${agent?.id}/revoke`, {});
    await until(() => log.lines.some((line) => line.includes('was revoked in the dashboard')), { what: 'the reason' });
    expect(await agents(reeve)).toMatchObject([{ state: 'revoked', connected: false }]);
  }, 40_000);
});
