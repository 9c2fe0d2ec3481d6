import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeDirectory, removeDirectory } from '../../helpers/directories.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { type SshServer, startSshd } from '../../helpers/ssh-server.ts';

// A real server on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PASSWORD = 'a password typed-once: 4711';
let dir: string;
let bench: InProcess;
let server: SshServer;
let target: string;

beforeAll(async () => {
  dir = await makeDirectory('push-key');
  const config = ['PasswordAuthentication yes'];
  server = await startSshd({ dir, authorize: [], config, account: { name: 'ann', password: PASSWORD } });
  bench = await startInProcess();
  await bench.setUp();
  const key = await bench.call('POST', '/api/v1/audit-keys', { name: 'reeve' });
  const { address, port, user } = server;
  const about = { name: 'nas', address, port, user, keyId: key.body.id };
  target = `/api/v1/audit-targets/${(await bench.call('POST', '/api/v1/audit-targets', about)).body.id}`;
});

afterAll(async () => {
  await bench?.stop();
  await server?.stop();
  await removeDirectory(dir);
});

const push = async (password: string) => (await bench.call('POST', `${target}/push-key`, { password })).body;
const count = (text: string): number => server.log().split(text).length - 1;

test('a password is sent to nobody whose host key was not accepted', async () => {
  expect(await push(PASSWORD)).toMatchObject({ ok: false, code: 'host-key-unknown' });
  expect(count('password for ann')).toBe(0);
  await bench.call('POST', `${target}/host-key`, { sha256: server.hostKey.sha256 });
});

test('a wrong password is refused with the reason, and no key is written', async () => {
  expect(await push('wrong')).toMatchObject({ ok: false, code: 'refused' });
  expect((await bench.call('POST', `${target}/test`)).body).toMatchObject({ ok: false, code: 'refused' });
});

test('the right one signs in once and adds the key, which signs in from then on; again, it is there already', async () => {
  expect(await push(PASSWORD)).toMatchObject({ ok: true, text: 'The key was added, and signs in' });
  expect(count('Accepted password for ann')).toBe(1);
  expect((await bench.call('POST', `${target}/test`)).body).toMatchObject({ ok: true });
  expect(await push(PASSWORD)).toMatchObject({ ok: true, text: 'The key had been there, and signs in' });
  expect(count('Accepted publickey for ann')).toBe(3);
});

test('the password stands nowhere: not in the data folder, not on the console, not in the audit trail', async () => {
  const trail = await bench.call('GET', '/api/v1/audit-trail');
  expect(JSON.stringify(trail.body)).toContain('audits.pushKey');
  const written = readdirSync(bench.data, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? readFileSync(path.join(entry.parentPath, entry.name), 'latin1') : [],
  );
  expect(written.length).toBeGreaterThan(3);
  for (const text of [...written, ...bench.printed, JSON.stringify(trail.body)])
    expect(text).not.toContain('typed-once');
});
