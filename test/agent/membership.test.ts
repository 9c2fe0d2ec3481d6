import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readIdentity, writeIdentity } from '../../agent/identity.ts';
import { type StartAgentOptions, startAgent } from '../../agent/main.ts';
import { newAgentKey } from '../../discovery/pairing/keys.ts';
import { FakeGateway } from '../helpers/fake-gateway.ts';
import { keptLog } from '../helpers/machine.ts';
import { testAppliance } from '../helpers/pairing-appliance.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

/** An appliance that pairs and listens to the agent it paired. */
async function appliance() {
  const desk = await testAppliance();
  const hub = new FakeGateway();
  hub.join(desk);
  onTestFinished(async () => {
    await hub.close();
    await desk.close();
  });
  return { desk, hub };
}

async function started(options: Partial<StartAgentOptions> = {}) {
  const stateDir = options.stateDir ?? temporaryDirectory();
  const log = keptLog();
  const agent = await startAgent({ log, mdns: false, collectors: [], ...options, stateDir });
  onTestFinished(() => agent.stop());
  return { agent, log, stateDir };
}

const strangers = (): Parameters<typeof writeIdentity>[1] => ({
  applianceId: '01890000-0000-7000-8000-000000000001',
  agentId: '01890000-0000-7000-8000-000000000002',
  ca: 'no certificate',
  key: newAgentKey(),
  urls: ['https://127.0.0.1:1'],
});

describe('an agent becomes a member', () => {
  it('with a token: it pairs, keeps who its appliance is, and connects', async () => {
    const { desk, hub } = await appliance();
    const { stateDir } = await started({ token: desk.issue().text, hub: desk.url, name: 'nas' });
    await until(() => hub.sessions === 1, { what: 'a session' });
    expect(desk.paired).toMatchObject([{ name: 'nas' }]);
    expect(readIdentity(stateDir)).toMatchObject({ applianceId: desk.id, urls: [desk.url] });
    expect(readIdentity(stateDir)?.ca.trim()).toBe(desk.ca.pem.trim());
    expect(readdirSync(stateDir).sort()).toEqual(['agent.json', 'agent.lock', 'spool']);
  });

  it('with a token also where the kept identity is damaged, which without one is named with its cure', async () => {
    const { desk, hub } = await appliance();
    const stateDir = temporaryDirectory();
    writeFileSync(join(stateDir, 'agent.json'), '{"format":1,', { mode: 0o600 });
    await expect(started({ stateDir })).rejects.toThrow(/is damaged.*unpair/);
    await started({ token: desk.issue().text, hub: desk.url, stateDir });
    await until(() => hub.sessions === 1, { what: 'a session' });
    expect(readIdentity(stateDir)).toMatchObject({ applianceId: desk.id });
  });

  it('not with a state folder that cannot be used: the token stays good, and the cure is named', async () => {
    const { desk } = await appliance();
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    for (const stateDir of [file, join(file, 'below')])
      await expect(started({ token: desk.issue().text, hub: desk.url, stateDir })).rejects.toThrow(/--state/);
    expect(desk.paired).toEqual([]);
  });

  it('and is one from then on, without the token', async () => {
    const { desk, hub } = await appliance();
    const first = await started({ token: desk.issue().text, hub: desk.url });
    await until(() => hub.sessions === 1, { what: 'a session' });
    await first.agent.stop();
    await started({ stateDir: first.stateDir });
    await until(() => hub.sessions === 2, { what: 'a session without token' });
    expect(desk.paired).toHaveLength(1);
  });

  it('does not use a token of the appliance that it belongs to already', async () => {
    const { desk, hub } = await appliance();
    const first = await started({ token: desk.issue().text, hub: desk.url });
    await until(() => hub.sessions === 1, { what: 'a session' });
    await first.agent.stop();
    await started({ stateDir: first.stateDir, token: desk.issue().text, hub: desk.url });
    await until(() => hub.sessions === 2, { what: 'a session' });
    expect(desk.paired).toHaveLength(1);
  });

  it('pairs anew when the token is of another appliance than the one it belongs to', async () => {
    const { desk, hub } = await appliance();
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, strangers());
    await started({ stateDir, token: desk.issue().text, hub: desk.url });
    await until(() => hub.sessions === 1, { what: 'a session' });
    expect(readIdentity(stateDir)?.applianceId).toBe(desk.id);
  });

  it('pairs anew with its token when the appliance has forgotten it', async () => {
    const { desk, hub } = await appliance();
    const first = await started({ token: desk.issue().text, hub: desk.url });
    await until(() => hub.sessions === 1, { what: 'a session' });
    await first.agent.stop();
    desk.paired.length = 0;
    await started({ stateDir: first.stateDir, token: desk.issue().text, hub: desk.url });
    await until(() => hub.sessions === 2, { what: 'a session as a new agent' });
    expect(desk.paired).toHaveLength(1);
  });

  it.each([
    [
      'a token that was used',
      async (text: string, url: string) => {
        const other = await started({ token: text, hub: url });
        await until(() => readIdentity(other.stateDir), { what: 'the other to be paired' });
        return text;
      },
    ],
    ['nonsense', async () => 'RV-nonsense'],
  ])('gives up with the reason: %s', async (_what, spoil) => {
    const { desk } = await appliance();
    const token = await spoil(desk.issue().text, desk.url);
    const { agent, stateDir } = await started({ token, hub: desk.url });
    const reason = await agent.failed;
    expect(reason.message.length).toBeGreaterThan(20);
    expect(readIdentity(stateDir)).toBeUndefined();
  });

  it('goes on trying while the appliance is only not there', async () => {
    const { desk, hub } = await appliance();
    const token = desk.issue().text;
    const { port } = new URL(desk.url);
    desk.server.close();
    desk.server.closeAllConnections();
    const { log } = await started({ token, hub: desk.url });
    await until(() => log.lines.some((line) => line.includes('not paired yet')), { what: 'the failure in the log' });
    desk.server.listen(Number(port), '127.0.0.1');
    await until(() => hub.sessions === 1, { what: 'a session' });
  });

  it.each([
    ['an appliance without an owner', 409, 'is not set up yet: open its link', true],
    ['the port for browsers', 400, 'HTTPS port, which is 8443', false],
  ])('says what to do about %s, and goes on trying', async (_what, status, words, isTls) => {
    const { desk, hub } = await appliance();
    const token = desk.issue().text;
    const port = Number(new URL(desk.url).port);
    desk.server.close();
    desk.server.closeAllConnections();
    const answer = (_request: unknown, response: ServerResponse) => {
      response.statusCode = status;
      response.end(JSON.stringify({ code: 'setup-required' }));
    };
    const other = isTls ? createSecureServer({ ...desk.leaf }, answer) : createServer(answer);
    await once(other.listen(port, '127.0.0.1'), 'listening');
    const { log } = await started({ token, hub: desk.url });
    await until(() => log.lines.some((line) => line.includes(words)), { what: `"${words}" in the log` });
    other.close();
    other.closeAllConnections();
    await once(other, 'close');
    desk.server.listen(port, '127.0.0.1');
    await until(() => hub.sessions === 1, { what: 'a session' });
  });

  it('says what is missing when it can neither ask nor look', async () => {
    const { agent } = await started({ token: 'RV-1' });
    expect((await agent.failed).message).toContain('--hub');
  });

  it('waits without a token, says what to do, leaves the folder to others, and starts when another run has paired', async () => {
    const hub = new FakeGateway();
    await hub.open();
    onTestFinished(() => hub.close());
    const { log, stateDir } = await started();
    await until(() => log.lines.length > 0, { what: 'the words in the log' });
    expect(log.lines[0]).toContain('--token');
    expect(readdirSync(stateDir)).toEqual([]);
    writeIdentity(stateDir, hub.identity);
    await until(() => hub.sessions === 1, { what: 'a session' });
  }, 20_000);

  it('is not started twice with one folder', async () => {
    const { desk, hub } = await appliance();
    const { stateDir } = await started({ token: desk.issue().text, hub: desk.url });
    await until(() => hub.sessions === 1, { what: 'a session' });
    await expect(startAgent({ stateDir, log: keptLog(), mdns: false })).rejects.toMatchObject({ code: 'state-busy' });
  });
});
