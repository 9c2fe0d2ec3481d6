import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { addressForOthers } from '../../../appliance/addresses.ts';
import { unpairedAgents } from '../../../appliance/agents/discovered.ts';
import { hubOf, installCommands } from '../../../appliance/agents/install-line.ts';
import { isLate, stampOf } from '../../../appliance/agents/streams.ts';
import { pairWith } from '../../../discovery/pairing/client.ts';
import { type Ceiling, wantedCeiling } from '../../../protocol/ceiling.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';

test('a token is shown once, with lines that pin the appliance, and says what became of it', async () => {
  const reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
  const { status, body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: 'nas01' });
  expect(status).toBe(201);
  const { token, tokenId, commands } = body as unknown as {
    token: string;
    tokenId: string;
    commands: { command: string }[];
  };
  expect(commands.map(({ command }) => command).every((line) => line.includes(token))).toBe(true);
  const read = async () => (await reeve.call('GET', `/api/v1/agents/tokens/${tokenId}`)).body;
  expect(await read()).toMatchObject({ state: 'open', name: 'nas01' });
  expect(JSON.stringify(await read())).not.toContain(token.slice(12));
  await pairWith(reeve.https, { token, name: 'label', facts: someFacts });
  const [host] = (await reeve.call('GET', '/api/v1/hosts')).body.items as { id: string; name: string }[];
  expect(await read()).toMatchObject({ state: 'used', hostId: host?.id });
  expect(host?.name).toBe('nas01');
  await expect(pairWith(reeve.https, { token, name: 'again', facts: someFacts })).rejects.toThrow();
  await reeve.stop();
});

test('an open token works after a restart, a revoked one never, and none is on disk in clear', async () => {
  const first = await startInProcess({ distDir: makeAgentDist() });
  await first.setUp();
  const make = async () =>
    (await first.call('POST', '/api/v1/agents/tokens', {})).body as unknown as { token: string; tokenId: string };
  const [kept, revoked] = [await make(), await make()];
  expect((await first.call('DELETE', `/api/v1/agents/tokens/${revoked.tokenId}`)).status).toBe(204);
  await first.appliance.stop();
  const onDisk = await readFile(path.join(first.data, 'docs', 'tokens.db'), 'utf8');
  for (const { token } of [kept, revoked]) expect(onDisk).not.toContain(token.replaceAll('-', '').slice(12, 30));

  const second = await startInProcess({ data: first.data, distDir: makeAgentDist() });
  await expect(pairWith(second.https, { token: revoked.token, name: 'x', facts: someFacts })).rejects.toThrow();
  await pairWith(second.https, { token: kept.token, name: 'x', facts: someFacts });
  await expect(pairWith(second.https, { token: kept.token, name: 'x', facts: someFacts })).rejects.toThrow();
  await second.stop();
  await first.stop();
});

test('an install line names an address that other machines reach, also where the dashboard is open on localhost', async () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]', 'reeve.localhost'])
    expect(addressForOthers(host, ['192.168.1.5']), host).toBe('192.168.1.5');
  for (const host of ['reeve.local', '192.168.1.7']) expect(addressForOthers(host, ['192.168.1.5'])).toBe(host);
  expect(addressForOthers('localhost', [])).toBe('localhost');
});

test('an install line pins the key for curl and compares the installer for PowerShell, and brackets an IPv6 address', () => {
  const target = { hub: hubOf('fd77::1', 8443), pin: 'PIN=', token: 'RV-T', powerShellSha256: 'ab' };
  const [linux, , windows] = installCommands(target).map(({ command }) => command);
  expect(linux).toContain("--pinnedpubkey 'sha256//PIN='");
  expect(linux).toContain('https://[fd77::1]:8443/install.sh | sudo');
  expect(windows).toContain("-ne 'AB'");
});

test('an install line carries what the agent may ever be asked to do, quoted so that no shell reads more into it', () => {
  const target = { hub: 'https://h:8443', pin: 'P', token: 'RV-T', powerShellSha256: 'ab' };
  const linesOf = (may: Ceiling) => installCommands({ ...target, may }).map(({ command }) => command);
  const [watching, , watchingWindows] = linesOf([]);
  expect(watching).toMatch(/ sh -s -- --read-only$/);
  expect(watchingWindows).toMatch(/ -ReadOnly$/);
  const [linux, , windows] = linesOf([
    { action: 'update_agent' },
    { action: 'restart_service', targets: ['nginx', 'plex*'] },
  ]);
  expect(linux).toMatch(/ sh -s -- --allow update_agent --allow 'restart_service=nginx,plex\*'$/);
  expect(windows).toMatch(/ -Allow 'update_agent;restart_service=nginx,plex\*'$/);
  expect(installCommands(target)[0]?.command).toMatch(/REEVE_TOKEN=RV-T sh$/);
});

test.each([
  [{ action: 'restart_service', targets: ["x'; reboot #"] }],
  [{ action: 'restart_service', targets: ['$(reboot)'] }],
  [{ action: 'restart_service', targets: ['a b'] }],
  [{ action: 'clear_logs', targets: ['/var/log /etc'] }],
  [{ action: 'clear_logs', targets: ['/var/log;reboot'] }],
  [{ action: 'custom', targets: ['flush'] }],
  [{ action: 'reboot', targets: ['now'] }],
  [{ action: 'restart_service' }],
  [{ action: 'launch' }],
])('nobody can have %j put into an install line', (action) => {
  expect(wantedCeiling.safeParse([action]).success).toBe(false);
});

test('only unpaired agents are offered, and what they say of themselves is made fit to be shown', () => {
  const heard = (host: string, state: 'paired' | 'unpaired') => ({
    record: { id: 'x', host, v: '1', state },
    address: '10.0.0.2',
    seenAt: 5,
  });
  expect(
    unpairedAgents([heard('a', 'paired'), heard('nuc\u001b[31m\u202e7', 'unpaired'), heard('\u0000', 'unpaired')]),
  ).toEqual([
    { name: 'nuc[31m7', version: '1', address: '10.0.0.2', seenAt: 5 },
    { name: '?', version: '1', address: '10.0.0.2', seenAt: 5 },
  ]);
});

test('a frame is stored under appliance time, unless the appliance’s own clock is not to be believed', () => {
  const said = { at: 1_000_000, offsetMs: 5_000, receivedAt: 1_006_000, clockIsTrusted: true };
  expect(stampOf(said)).toEqual({ at: 1_005_000, offsetMs: 5_000 });
  expect(stampOf({ ...said, clockIsTrusted: false })).toEqual({ at: 1_000_000, offsetMs: 0 });
  expect(stampOf({ ...said, offsetMs: 3_600_000 })).toEqual({ at: 1_006_000, offsetMs: 6_000 });
});

test('a frame is late when it is older than 2.5 intervals, and never below 15 s', () => {
  expect([
    isLate(0, 15_000, 1_000),
    isLate(0, 15_001, 1_000),
    isLate(0, 75_000, 30_000),
    isLate(0, 75_001, 30_000),
  ]).toEqual([false, true, false, true]);
});
