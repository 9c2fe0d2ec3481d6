import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { type ConnectParts, connectTarget } from '../../../appliance/audits/connect.ts';
import type { TargetRecord } from '../../../appliance/audits/documents.ts';
import { AuditKeys } from '../../../appliance/audits/keys.ts';
import { Targets } from '../../../appliance/audits/targets.ts';
import { openLog } from '../../../appliance/log.ts';
import { sealWith } from '../../../appliance/seal.ts';
import type { DocumentStore } from '../../../appliance/store/documents.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { makeDirectory, removeDirectory } from '../../helpers/directories.ts';
import { freePort, startSshd } from '../../helpers/ssh-server.ts';
import { until } from '../../helpers/until.ts';

// A real server on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const SITE = '019aa5a0-0000-7000-8000-00000000000a';
let dir: string;
let documents: DocumentStore;
let parts: Pick<ConnectParts, 'keys' | 'targets'>;
let keyId: string;
let publicKey: string;

beforeAll(async () => {
  dir = await makeDirectory('connect');
  documents = await openDocumentStore({
    dir: path.join(dir, 'docs'),
    log: openLog({ level: 'silent', isTerminal: false }),
  });
  const keys = await AuditKeys.open({ documents, now: Date.now, seal: sealWith(Buffer.alloc(32, 7)) });
  parts = { keys, targets: await Targets.open(documents, Date.now) };
  ({ id: keyId, publicKey } = await keys.add(SITE, 'owner', { name: 'audits' }));
});
afterAll(async () => {
  await documents?.close();
  await removeDirectory(dir);
});

/** Parts whose pauses are only written down; `meanwhile` happens in them. */
function played(meanwhile: (n: number) => unknown = () => undefined): { parts: ConnectParts; pauses: number[] } {
  const pauses: number[] = [];
  const pause = async (ms: number): Promise<void> => {
    await meanwhile(pauses.push(ms));
  };
  return { parts: { ...parts, pause }, pauses };
}

let count = 0;
const targetAt = (port: number, user = 'root'): Promise<TargetRecord> =>
  parts.targets.add(SITE, {
    ...{ name: `host${++count}`, via: 'ssh', address: '127.0.0.1', port, user, keyId, schedule: 'off' },
  });

/** Takes connections and ends each at once; answers with how many there were. */
async function dropping(port: number): Promise<() => number> {
  let tries = 0;
  const server = createServer((socket) => {
    tries++;
    socket.on('error', () => undefined);
    socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return () => tries;
}

test('what may pass is tried again after 1, 2 and 4 s, and then no more', async () => {
  const port = await freePort();
  const tries = await dropping(port);
  const far = played();
  await expect(connectTarget(await targetAt(port), far.parts)).rejects.toMatchObject({ code: 'dropped' });
  expect(far.pauses).toEqual([1_000, 2_000, 4_000]);
  expect(tries()).toBe(4);
});

test('a host that is starting is tried until it lets us in', async () => {
  const options = { dir: path.join(dir, 'sshd'), authorize: [publicKey], port: await freePort() };
  const before = await startSshd(options);
  const { id } = await targetAt(before.port, before.user);
  await parts.targets.show(id, before.hostKey);
  const target = await parts.targets.accept(id, before.hostKey.sha256, 'owner');
  await before.stop();
  const nobody = played();
  await expect(connectTarget(target, nobody.parts)).rejects.toMatchObject({ code: 'unreachable' });
  expect(nobody.pauses).toEqual([1_000, 2_000, 4_000]);

  const starting = played(async (n) => {
    if (n < 2) return;
    const server = await startSshd(options);
    onTestFinished(() => server.stop());
  });
  const connection = await connectTarget(target, starting.parts);
  connection.close();
  expect(starting.pauses).toEqual([1_000, 2_000]);
});

test('a key that is not let in and a host key that nobody has accepted are tried once', async () => {
  const server = await startSshd({ dir: path.join(dir, 'closed'), authorize: [] });
  onTestFinished(() => server.stop());
  const target = await targetAt(server.port, server.user);
  const unknown = played();
  await expect(connectTarget(target, unknown.parts)).rejects.toMatchObject({ code: 'host-key-unknown' });
  const accepted = await parts.targets.accept(target.id, server.hostKey.sha256, 'owner');
  const refused = played();
  await expect(connectTarget(accepted, refused.parts)).rejects.toMatchObject({ code: 'refused' });
  expect([...unknown.pauses, ...refused.pauses]).toEqual([]);
});

test('who calls it off while it waits is answered with his reason, not with that of the clock', async () => {
  const port = await freePort();
  const tries = await dropping(port);
  const abort = new AbortController();
  const waiting = connectTarget(await targetAt(port), { ...parts, pausesMs: [600_000] }, abort.signal);
  const ended = expect(waiting).rejects.toThrow('Cancelled by owner');
  await until(() => tries() === 1, { what: 'the first try' });
  abort.abort(new Error('Cancelled by owner'));
  await ended;
  expect(tries()).toBe(1);
});
