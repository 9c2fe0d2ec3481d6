import { createHash, X509Certificate } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer } from 'node:https';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installs, type Prepared } from '../../../appliance/installs/installs.ts';
import { connectSsh } from '../../../appliance/ssh.ts';
import { makeKeyPair } from '../../../appliance/ssh-keys.ts';
import type { InstallState } from '../../../protocol/routes/installs.ts';
import { testCa, testLeaf } from '../../helpers/certificates.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { type SshServer, startSshd } from '../../helpers/ssh-server.ts';
import { until } from '../../helpers/until.ts';

/** A real SSH server, and in the place of the appliance somebody who hands out an installer. */
const dir = makeDirectory();
const key = await makeKeyPair('test');
const { cert, key: leafKey } = await testLeaf(await testCa(), ['localhost']);
const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
const pin = createHash('sha256').update(spki).digest('base64');
const hub = createServer({ cert, key: leafKey }, (_request, response) => void response.end('echo installed\n'));
let server: SshServer;
let prepared: Prepared;
const hosts = new Map<string, string>();
const revoked: string[] = [];
const ended: string[] = [];
const log = keepingLog();
const clock = { now: 1_800_000_000_000 };
const installs = new Installs({
  now: () => clock.now,
  log: log as never,
  hostOf: (_siteId, tokenId) => hosts.get(tokenId),
  revoke: async (_siteId, tokenId) => void revoked.push(tokenId),
  onEnd: (_install, { outcome }) => void ended.push(outcome),
  connect: connectSsh,
  joinMs: 300,
});
const login = { privateKey: key.privateKey };

beforeAll(async () => {
  server = await startSshd({ dir: path.join(dir, 'sshd'), authorize: [key.publicKey] });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const { port } = hub.address() as { port: number };
  const { address, user } = server;
  prepared = {
    ...{ siteId: 'home', deviceId: 'device', by: 'ada', address, port: server.port, user, sudoAsks: false },
    ...{ hub: `https://127.0.0.1:${port}`, pin, tokenId: 'T1', expiresAt: clock.now + 900_000 },
    command: 'echo begun; echo trouble >&2; echo done',
  };
});
afterAll(async () => {
  hub.close().closeAllConnections();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const reaches = (id: string, ...states: InstallState[]) =>
  until(() => states.includes(installs.read('home', id).state) && installs.read('home', id), {
    timeoutMs: 20_000,
    what: `it is ${states.join(' or ')}, not ${JSON.stringify(installs.read('home', id))}`,
  });
/** As far as the end of a run on a machine whose key is known. */
async function outcome(change: Partial<Prepared>) {
  const { id } = installs.prepare({ ...prepared, knownKey: server.hostKey, ...change });
  installs.run('home', id, { login });
  return reaches(id, 'failed', 'joined');
}

test('first contact shows the host key and runs nothing; once it is accepted the output comes, and the host', async () => {
  const { id, state, command } = installs.prepare(prepared);
  expect({ state, command }).toEqual({ state: 'ready', command: prepared.command });
  installs.run('home', id, { login });
  const asked = await reaches(id, 'host-key');
  expect(asked).toMatchObject({ hostKey: server.hostKey, output: '' });
  expect(server.log()).not.toContain('Accepted publickey');
  expect(() => installs.run('home', id, { login, accept: `SHA256:${'a'.repeat(43)}` })).toThrow('another host key');
  hosts.set('T1', 'host-1');
  installs.run('home', id, { login, accept: server.hostKey.sha256 });
  const done = await reaches(id, 'joined', 'failed');
  expect(done).toMatchObject({ state: 'joined', hostId: 'host-1' });
  expect(done.output.split('\n').filter(Boolean).sort()).toEqual(['begun', 'done', 'trouble']);
  expect(ended.splice(0)).toEqual(['joined']);
  expect(() => installs.run('home', id, { login })).toThrow('or is done');
});

test('what came in between is seen while the command runs, and a second run waits for the first', async () => {
  const { id } = installs.prepare({ ...prepared, knownKey: server.hostKey, command: 'echo first; read x; sleep 60' });
  installs.run('home', id, { login });
  await until(() => installs.read('home', id).output === 'first\n', { timeoutMs: 20_000 });
  expect(installs.read('home', id).state).toBe('installing');
  expect(() => installs.run('home', id, { login })).toThrow('It runs already');
  await installs.cancel('home', id);
  expect(revoked).toContain('T1');
  expect(() => installs.read('home', id)).toThrow('no such installation');
  await until(() => ended.includes('cancelled'), { timeoutMs: 5_000 });
  ended.splice(0);
});

test('each failure says what is wrong, and it may be tried again', async () => {
  const changed = { ...server.hostKey, sha256: `SHA256:${'b'.repeat(43)}` };
  expect((await outcome({ knownKey: changed })).failure?.code).toBe('host-key-changed');
  expect((await outcome({ pin: `${'c'.repeat(43)}=` })).failure).toMatchObject({ code: 'wrong-pin' });
  expect((await outcome({ hub: 'https://127.0.0.1:1' })).failure).toMatchObject({ code: 'no-way-back' });
  expect((await outcome({ command: 'echo reeve-agent: no room here >&2; exit 1' })).failure).toEqual({
    ...{ code: 'installer', text: 'no room here' },
  });
  expect((await outcome({ command: 'true', tokenId: 'unused' })).failure).toMatchObject({ code: 'not-joined' });
  expect((await outcome({ port: 1 })).failure?.code).toBe('unreachable');
  const stranger = await makeKeyPair('stranger');
  const { id } = installs.prepare({ ...prepared, knownKey: server.hostKey });
  installs.run('home', id, { login: stranger });
  expect((await reaches(id, 'failed')).failure?.code).toBe('refused');
  installs.run('home', id, { login });
  expect(await reaches(id, 'joined', 'failed')).toMatchObject({ state: 'joined' });
});

test('a password is in no output and in no failure, and where sudo needs one it is asked for', async () => {
  const { id } = installs.prepare({ ...prepared, knownKey: server.hostKey, sudoAsks: true, user: server.user });
  expect(() => installs.run('home', id, { login })).toThrow('sudo needs a password');
  const told = installs.prepare({
    ...{ ...prepared, knownKey: server.hostKey, sudoAsks: server.user === 'root' },
    command: 'read typed; echo "typed $typed"; echo "reeve-agent: cannot take $typed" >&2; exit 1',
  });
  installs.run('home', told.id, { login, sudoPassword: 'correct horse' });
  const failed = await reaches(told.id, 'failed');
  expect(JSON.stringify(failed)).not.toContain('correct horse');
  expect(failed.failure?.text).toBe('cannot take ••••');
  expect(log.lines).toEqual([]);
});

test('another site sees nothing of it, an expired command is not run, and a site that goes takes its own along', async () => {
  const { id } = installs.prepare(prepared);
  expect(() => installs.read('elsewhere', id)).toThrow('no such installation');
  expect(() => installs.run('elsewhere', id, { login })).toThrow('no such installation');
  await expect(installs.cancel('elsewhere', id)).rejects.toThrow('no such installation');
  clock.now += 900_000;
  expect(() => installs.run('home', id, { login })).toThrow('expired');
  installs.forget((siteId) => siteId === 'home');
  expect(() => installs.read('home', id)).toThrow('no such installation');
});
