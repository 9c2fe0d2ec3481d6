import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TargetRecord } from '../../../appliance/audits/documents.ts';
import { AuditFeature } from '../../../appliance/audits/feature.ts';
import { type FactEvent, Hub } from '../../../appliance/hub.ts';
import { openLog } from '../../../appliance/log.ts';
import { sealWith } from '../../../appliance/seal.ts';
import type { DocumentStore } from '../../../appliance/store/documents.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import type { AuditKind, AuditSummary } from '../../../protocol/audits.ts';
import { makeDirectory, removeDirectory } from '../../helpers/directories.ts';
import {
  hasDropbear,
  type SshServer,
  type SshServerOptions,
  startDropbear,
  startSshd,
} from '../../helpers/ssh-server.ts';
import { until } from '../../helpers/until.ts';

// Real servers on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const SITE = '019aa5a0-0000-7000-8000-00000000000a';
let dir: string;
let documents: DocumentStore;
let feature: AuditFeature;
let facts: FactEvent[] = [];
let told: AuditSummary[] = [];
let keyId: string;
let publicKey: string;
const servers: SshServer[] = [];

async function open(): Promise<void> {
  const log = openLog({ level: 'silent', isTerminal: false });
  const hub = new Hub((_, error) => {
    throw error;
  });
  hub.on('fact', (fact) => void facts.push(fact));
  hub.on('auditing', ({ siteId, audit }) => void (siteId === SITE && told.push(audit)));
  documents = await openDocumentStore({ dir: path.join(dir, 'docs'), log });
  feature = await AuditFeature.open({
    ...{ documents, hub, log, now: Date.now, seal: sealWith(Buffer.alloc(32, 7)), pausesMs: [10, 20, 40] },
    askAgent: () => Promise.reject(new Error('no agents here')),
  });
}

beforeAll(async () => {
  dir = await makeDirectory('audits');
  await open();
  const key = await feature.keys.add(SITE, 'owner', { name: 'audits' });
  keyId = key.id;
  publicKey = key.publicKey;
});

afterEach(() => {
  facts = [];
  told = [];
});

afterAll(async () => {
  await feature?.audits.stop();
  for (const server of servers) await server.stop();
  await documents?.close();
  await removeDirectory(dir);
});

let count = 0;
async function serve(options: Partial<SshServerOptions> = {}): Promise<{ server: SshServer; target: TargetRecord }> {
  const name = `host${++count}`;
  const server = await startSshd({ dir: path.join(dir, name), authorize: [publicKey], ...options });
  servers.push(server);
  const { address, port, user } = server;
  const target = await feature.targets.add(SITE, { name, via: 'ssh', address, port, user, keyId, schedule: 'off' });
  return { server, target };
}

async function accepted(options: Partial<SshServerOptions> = {}): Promise<{ server: SshServer; target: TargetRecord }> {
  const { server, target } = await serve(options);
  await feature.targets.show(target.id, server.hostKey);
  return { server, target: await feature.targets.accept(target.id, server.hostKey.sha256, 'owner') };
}

async function audit({ id }: TargetRecord, kind: AuditKind = 'quick'): Promise<AuditSummary> {
  const target = feature.targets.need(SITE, id);
  const started = await feature.audits.start(target, kind, 'owner');
  return (await feature.audits.ended(id)) ?? started;
}

describe('an audit over SSH', () => {
  test('of a real OpenSSH server tells what the host is, judges it, and is kept', async () => {
    const { target } = await accepted();
    const ended = await audit(target);
    expect(ended).toMatchObject({ state: 'done', by: 'owner', via: 'ssh' });
    expect(ended.score).toBeGreaterThanOrEqual(0);
    const { facts: read, findings, passed, unjudged } = await feature.audits.detail(SITE, ended.id);
    expect(read?.system?.hostName).toBe(execFileSync('uname', ['-n'], { encoding: 'utf8' }).trim());
    expect(read?.memory?.totalBytes).toBeGreaterThan(1e8);
    expect(read?.users?.some(({ name, uid }) => name === 'root' && uid === 0)).toBe(true);
    expect(read?.processes?.length).toBeGreaterThan(1);
    expect(read?.sshd?.source).toBeDefined();
    expect(findings.length + passed.length + unjudged.length).toBe(30);
  });

  test('tells that it began, each section in its order as it comes, slow ones before they are read, and its end', async () => {
    const { target } = await accepted();
    const ended = await audit(target, 'full');
    expect(told[0]).toMatchObject({ state: 'running', progress: { done: 0, section: '' } });
    expect(told.at(-1)).toEqual(ended);
    const done = told.flatMap(({ progress }) => progress?.done ?? []);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    const sections = told.flatMap(({ progress }) => progress?.section || []);
    expect(sections).toEqual(expect.arrayContaining(['system', 'packages', 'updates', 'smart']));
    expect(feature.audits.running(SITE)).toEqual([]);
  });

  test('that nobody has let in shows the host key and sends nothing; accepted, it goes on', async () => {
    const { server, target } = await serve();
    expect(await audit(target)).toMatchObject({ state: 'failed', code: 'host-key-unknown' });
    expect(feature.targets.need(SITE, target.id).pending).toMatchObject(server.hostKey);
    await expect(feature.targets.accept(target.id, `SHA256:${'a'.repeat(43)}`, 'owner')).rejects.toThrow('another key');
    await feature.targets.accept(target.id, server.hostKey.sha256, 'owner');
    expect(await audit(target)).toMatchObject({ state: 'done' });
  });

  test('of a host that shows another key stays refused, is told, and goes on only when a person accepts it', async () => {
    const { server, target } = await accepted();
    await server.stop();
    const other = await startSshd({ dir: path.join(dir, 'other'), authorize: [publicKey], port: server.port });
    servers.push(other);
    for (let n = 0; n < 2; n++)
      expect(await audit(target)).toMatchObject({ state: 'failed', code: 'host-key-changed' });
    expect(facts.filter(({ kind, state }) => kind === 'ssh-host-key' && state === 'wrong').length).toBe(2);
    await feature.targets.accept(target.id, other.hostKey.sha256, 'owner');
    expect(await audit(target)).toMatchObject({ state: 'done' });
    expect(facts.at(-2)).toMatchObject({ kind: 'ssh-host-key', state: 'ok' });
  });

  test('fails clearly with a key that the host does not know, and is told of after three runs', async () => {
    const { target } = await accepted({ authorize: [] });
    for (let n = 1; n <= 3; n++) {
      expect(await audit(target)).toMatchObject({ state: 'failed', code: 'refused' });
      expect(facts.filter(({ kind }) => kind === 'ssh-unreachable').length).toBe(n === 3 ? 1 : 0);
    }
    expect(facts.at(-1)).toMatchObject({ state: 'wrong', severity: 'high', key: target.id });
  });

  test('of a host that hangs, writes without end, or drops the connection ends with the reason', async () => {
    const { target: endless } = await accepted({ config: ['ForceCommand yes'] });
    expect(await audit(endless)).toMatchObject({ state: 'failed', problem: expect.stringContaining('bytes') });
    const { target: lost } = await accepted({ config: [`ForceCommand kill -9 $PPID`] });
    expect(await audit(lost)).toMatchObject({ state: 'failed', code: 'dropped' });
    const { target: mute } = await accepted({ config: ['ForceCommand true'] });
    expect(await audit(mute)).toMatchObject({ state: 'failed' });
  });

  test('that loses its connection in the middle shows what had come, as partial', async () => {
    // The server's own process for this connection dies, then only the shell.
    for (const [pids, code] of [
      ['$(ps -o ppid= -p $PPID)', 'dropped'],
      ['$me', undefined],
    ] as const) {
      const { target } = await accepted({ config: [`ForceCommand sed 's/^s time;.*/kill -9 ${pids}; exit/' | sh -s`] });
      const ended = await audit(target);
      expect(ended).toMatchObject({ state: 'partial' });
      expect(ended.code).toBe(code);
      expect(ended.problem).toBeTruthy();
    }
  });

  test('can be called off', async () => {
    const { target } = await accepted({ config: ['ForceCommand sleep 60'] });
    const started = await feature.audits.start(target, 'quick', 'owner');
    feature.audits.cancel(started.id, 'owner');
    expect(await feature.audits.ended(target.id)).toMatchObject({ state: 'failed', problem: 'Cancelled by owner' });
    // Whoever calls it off has learnt nothing of the host: it is no failure of it.
    expect(feature.targets.need(SITE, target.id).failures).toBe(0);
  });

  test('runs beside nine others; one more waits until one of them has ended', async () => {
    const { server, target } = await accepted({ config: ['ForceCommand sleep 600'] });
    const { address, port, user } = server;
    const all = [target];
    for (let n = 0; n < 10; n++) {
      const fields = { address, port, user, keyId, schedule: 'off' as const };
      const { id } = await feature.targets.add(SITE, { name: `busy${n}`, via: 'ssh', ...fields });
      await feature.targets.show(id, server.hostKey);
      all.push(await feature.targets.accept(id, server.hostKey.sha256, 'owner'));
    }
    const started: AuditSummary[] = [];
    for (const each of all) started.push(await feature.audits.start(each, 'full', 'owner'));
    const sessions = (): number => server.log().split('Starting session: forced-command').length - 1;
    await until(() => sessions() === 10, { timeoutMs: 60_000, what: 'ten run' });
    // All that may run have connected before the tenth of them had its shell.
    expect(server.log().split('Connection from').length - 1).toBe(10);
    feature.audits.cancel(started[0]?.id ?? '', 'owner');
    await until(() => sessions() === 11, { timeoutMs: 60_000, what: 'the eleventh runs in its place' });
    for (const { id } of started) feature.audits.cancel(id, 'owner');
    await Promise.all(all.map(({ id }) => feature.audits.ended(id)));
    expect(feature.audits.running(SITE)).toEqual([]);
  });

  test('of twelve hosts at once is whole, and one that fails stops no other', async () => {
    const { server } = await accepted();
    const { address, port, user } = server;
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        feature.targets.add(SITE, {
          name: `many${n}`,
          via: 'ssh',
          address,
          port: n === 5 ? 1 : port,
          user,
          keyId,
          schedule: 'off',
        }),
      ),
    );
    for (const { id } of all) {
      await feature.targets.show(id, server.hostKey);
      await feature.targets.accept(id, server.hostKey.sha256, 'owner');
    }
    const ended = await Promise.all(all.map((each) => audit(each)));
    expect(ended.map(({ state }) => state)).toEqual(all.map((_, n) => (n === 5 ? 'failed' : 'done')));
  });
});

test.runIf(hasDropbear())(
  'a device with Dropbear and nothing but BusyBox is audited, and judged by what it says',
  async () => {
    const server = await startDropbear({ dir: path.join(dir, 'device'), authorize: [publicKey] });
    servers.push(server);
    const { address, port, user } = server;
    const target = await feature.targets.add(SITE, {
      name: 'device',
      via: 'ssh',
      address,
      port,
      user,
      keyId,
      schedule: 'off',
    });
    await feature.targets.show(target.id, server.hostKey);
    await feature.targets.accept(target.id, server.hostKey.sha256, 'owner');
    const ended = await audit(target, 'full');
    expect(ended).toMatchObject({ state: 'done', os: 'OpenWrt 23.05.5' });
    const { facts: read, findings, passed } = await feature.audits.detail(SITE, ended.id);
    expect(read?.processes?.map(({ command }) => command)).toEqual(
      expect.arrayContaining([expect.stringMatching(/dropbear/)]),
    );
    expect(read?.ports?.some((each) => each.port === port)).toBe(true);
    expect(findings.map(({ checkId }) => checkId)).toEqual(expect.arrayContaining(['end-of-life', 'ssh-passwords']));
    expect(passed.map(({ checkId }) => checkId)).toEqual(expect.arrayContaining(['second-root', 'empty-passwords']));
  },
);

test('the audits of a night are of the hosts that are to be audited then, and name those that failed', async () => {
  for (const { id } of feature.targets.all())
    await feature.targets.change(id, (each) => ({ ...each, schedule: 'off' }));
  const { target: full } = await accepted();
  const { target: quick } = await accepted();
  const { target: shut } = await accepted({ authorize: [] });
  const { target: off } = await accepted();
  for (const [{ id }, schedule] of [
    [full, 'full'],
    [quick, 'quick'],
    [shut, 'quick'],
  ] as const)
    await feature.targets.change(id, (each) => ({ ...each, schedule }));
  const context = { signal: new AbortController().signal, progress: () => undefined, now: Date.now };
  const log = openLog({ level: 'silent', isTerminal: false });
  const said = await feature.job(() => 'by hand').run({ ...context, log });
  expect(said).toBe(`2 of 3 hosts were audited; not ${shut.name}`);
  expect(feature.audits.lastOf(full.id)).toMatchObject({ kind: 'full', state: 'done', by: 'schedule' });
  expect(feature.audits.lastOf(quick.id)).toMatchObject({ kind: 'quick', state: 'done' });
  expect(feature.audits.lastOf(off.id)).toBeUndefined();
});

describe('waivers and comparison', () => {
  test('a finding that is waived costs nothing until the waiver is over, and two audits are compared', async () => {
    const { target } = await accepted({ config: ['PermitRootLogin yes'] });
    const first = await audit(target);
    const detail = await feature.audits.detail(SITE, first.id);
    const worst = detail.findings[0];
    if (!worst) throw new Error('this machine has no finding');
    await feature.waivers.add(target, { checkId: worst.checkId, reason: 'known', by: 'owner' });
    const seen = await feature.audits.detail(SITE, first.id);
    expect(seen.findings.find(({ checkId }) => checkId === worst.checkId)).toMatchObject({
      points: 0,
      waiver: { reason: 'known' },
    });
    expect(seen.audit.score).toBeGreaterThan(detail.audit.score ?? 0);
    const second = await audit(target);
    const later = await feature.audits.detail(SITE, second.id);
    expect(later.previousId).toBe(first.id);
    expect(later.audit.score).toBeGreaterThan(detail.audit.score ?? 0);
    // The first one keeps the score of its time.
    expect((await feature.audits.detail(SITE, first.id)).audit.score).toBe(detail.audit.score);
  });
});

describe('what is kept', () => {
  test('has no private key in the clear, and nobody else may read the files', async () => {
    const place = path.join(dir, 'docs');
    const record = (await feature.keys.list(SITE))[0];
    if (!record) throw new Error('no key');
    const secret = feature.keys.secretOf(record).split('\n')[1] ?? '';
    for (const file of readdirSync(place, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = readFileSync(path.join(file.parentPath, file.name), 'utf8');
      expect(text).not.toContain('PRIVATE KEY');
      expect(text).not.toContain(secret);
    }
  });

  test('outlives a restart; an audit that ran then has failed', async () => {
    const { target } = await accepted();
    const ended = await audit(target);
    await feature.audits.stop();
    await documents.close();
    await open();
    expect(feature.audits.lastOf(target.id)).toMatchObject({ id: ended.id, state: 'done' });
    expect((await feature.audits.detail(SITE, ended.id)).facts?.system).toBeDefined();
  });

  test('goes with its target', async () => {
    const { target } = await accepted();
    const ended = await audit(target);
    await feature.removeTarget(feature.targets.need(SITE, target.id));
    await expect(feature.audits.detail(SITE, ended.id)).rejects.toThrow('no such audit');
  });
});
