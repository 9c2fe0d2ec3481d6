import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../appliance/store/postgres/address.ts';
import type { BackupAnswer } from '../../../protocol/backups.ts';
import {
  changeSettings,
  download,
  endOf,
  joinAgent,
  PASSPHRASE,
  runJob,
  startBench,
  upload,
} from '../../helpers/backup-bench.ts';
import type { InProcess } from '../../helpers/in-process.ts';
import { lasting } from '../../helpers/lasting.ts';
import { usePostgres } from '../../helpers/postgres.ts';
import { until } from '../../helpers/until.ts';

const signIn = { userName: 'owner', password: 'correct horse' };
type Host = { id: string; name: string };

const firstHost = async ({ call }: InProcess): Promise<Host | undefined> =>
  ((await call('GET', '/api/v1/hosts')).body as unknown as Host[] | { items: Host[] } as { items?: Host[] })
    ?.items?.[0] ?? ((await call('GET', '/api/v1/hosts')).body as unknown as Host[])[0];

const historyOf = async ({ call }: InProcess, hostId: string, from: number, to: number) =>
  (await call('GET', `/api/v1/history?hosts=${hostId}&from=${from}&to=${to}&maxPoints=500`)).body;

const backupsOf = async ({ call }: InProcess) =>
  ((await call('GET', '/api/v1/backups')).body as unknown as { items: BackupAnswer[] }).items;

const ROUTES = [
  'hosts',
  'sites',
  'users',
  'members',
  'keys',
  'settings',
  'agents',
  'metrics/descriptors',
  'account',
  'account/preferences',
  'jobs',
];

async function answersOf(reeve: InProcess, span: { from: number; to: number }) {
  const answers: Record<string, unknown> = {};
  for (const route of ROUTES) {
    const { status, body } = await reeve.call('GET', `/api/v1/${route}`);
    expect(status, route).toBe(200);
    answers[route] = lasting(body);
  }
  const host = await firstHost(reeve);
  answers.history = await historyOf(reeve, host?.id ?? '', span.from, span.to);
  return answers;
}

/** An appliance with an agent that has sent, accounts, sites and settings. */
async function lived(reeve: InProcess) {
  await reeve.setUp();
  const from = Date.now();
  const agent = await joinAgent(reeve);
  await reeve.call('POST', '/api/v1/sites', { name: 'Second' });
  await changeSettings(reeve, 'backup', { passphrase: PASSPHRASE, keep: 2 });
  await reeve.call('POST', '/api/v1/keys', { name: 'prometheus', role: 'viewer' });
  const host = await until(() => firstHost(reeve), { what: 'the agent has joined' });
  await until(
    async () =>
      ((await historyOf(reeve, host.id, from, Date.now() + 5_000)).series as unknown as unknown[])?.length > 3,
    {
      timeoutMs: 20_000,
      what: 'history holds what it sent',
    },
  );
  return { from, agent, host };
}

const server = usePostgres();
const STORES = ['files', 'postgres'] as const;
/** Options of an appliance whose documents and history are there. */
const kept = async (where: (typeof STORES)[number]) =>
  where === 'files' ? {} : { store: parseAddress(await server.database()) };

describe('a backup', () => {
  test.each(STORES)(
    'restored in place gives back what was, and agents go on where they are: %s',
    async (where) => {
      const bench = await startBench(await kept(where));
      const { from, agent, host } = await lived(bench.reeve());
      const run = await runJob(bench.reeve(), 'backup');
      expect(run).toMatchObject({ state: 'done', text: expect.stringMatching(/checked by restoring.*encrypted/) });
      const to = Date.now();
      const [made] = await backupsOf(bench.reeve());
      expect(made).toMatchObject({ isEncrypted: true, isOwn: true, isMade: true, leftOut: [] });
      const id = made?.id ?? '';

      // What comes after it is gone with the restore, and the agent has long forgotten it.
      await bench.reeve().call('PATCH', `/api/v1/hosts/${host.id}`, { name: 'renamed', rev: 1 });
      const rowsSince = async (since: number) => {
        const { series } = await historyOf(bench.reeve(), host.id, since, Date.now() + 5_000);
        const [first] = (series ?? []) as unknown as { average: (number | null)[] }[];
        return (first?.average ?? []).filter((value) => value !== null).length;
      };
      // An agent asks once in 9 s what it may forget.
      await until(async () => (await rowsSince(to)) >= 15, {
        timeoutMs: 60_000,
        what: 'the agent sends on after the backup',
      });
      const { call } = bench.reeve();
      expect(
        (await call('POST', `/api/v1/backups/${id}/restore`, { passphrase: PASSPHRASE, confirm: 'yes' })).status,
      ).toBe(400);
      expect(
        (await call('POST', `/api/v1/backups/${id}/restore`, { passphrase: 'no', confirm: 'restore' })).body.code,
      ).toBe('wrong-passphrase');
      const refusals = agent.log.lines.length;
      const asked = await call('POST', `/api/v1/backups/${id}/restore`, { passphrase: PASSPHRASE, confirm: 'restore' });
      expect(asked.status).toBe(202);
      await bench.restarted();

      const reeve = bench.reeve();
      expect((await reeve.call('GET', '/api/v1/hosts')).status).toBe(401);
      expect((await reeve.call('POST', '/api/v1/session', signIn)).status).toBe(201);
      expect((await firstHost(reeve))?.name).toBe('nas01');
      const since = Date.now();
      const rows = async () =>
        (await historyOf(reeve, host.id, since, Date.now() + 5_000)).series as unknown as unknown[] | undefined;
      await until(async () => (await rows())?.length, { timeoutMs: 30_000, what: 'the agent sends on' });
      const said = agent.log.lines.slice(refusals).join('\n');
      expect(said).not.toMatch(/\brefused|unknown-agent|quarantine/i);
      const reasons = async () => {
        const whole = await historyOf(reeve, host.id, from, Date.now());
        const gaps = (whole.hosts as unknown as { gaps: { reason: string }[] }[])[0]?.gaps ?? [];
        return gaps.map(({ reason }) => reason).join();
      };
      // The agent tells of the hole beside what it sends now, which may come first.
      await until(async () => /restored from a backup/.test(await reasons()), {
        timeoutMs: 15_000,
        what: 'the gap says why',
      });
      expect(((await historyOf(reeve, host.id, from, to)).series as unknown as unknown[]).length).toBeGreaterThan(3);
      expect(readdirSync(bench.data).filter((name) => name.startsWith('before-restore-'))).toHaveLength(1);
      expect(existsSync(join(bench.data, 'restored.json'))).toBe(false);
      expect(existsSync(join(bench.data, 'docs'))).toBe(where === 'files');
    },
    120_000,
  );

  test.each([
    ['files', 'files'],
    ['files', 'postgres'],
    ['postgres', 'files'],
    ['postgres', 'postgres'],
  ] as const)(
    'restored at set-up on an empty appliance gives identical answers, the same identity and the same secrets: %s to %s',
    async (source, target) => {
      const first = await startBench(await kept(source));
      const { from, agent } = await lived(first.reeve());
      await agent.stop();
      await until(
        async () => !(await first.reeve().call('GET', '/health/ready')).body.parts?.toString().includes('1 connected'),
      );
      const to = Date.now();
      const before = await answersOf(first.reeve(), { from, to });
      const run = await runJob(first.reeve(), 'backup');
      expect(run.state).toBe('done');
      const [made] = await backupsOf(first.reeve());
      const file = await download(first.reeve(), made?.id ?? '');
      const ca = JSON.parse(readFileSync(join(first.data, 'certificates.json'), 'utf8')).ca.cert;
      await first.reeve().stop();

      const second = await startBench(await kept(target));
      const fresh = second.reeve();
      expect((await upload(fresh, file, { code: 'wrong' })).body.code).toBe('wrong-credentials');
      const up = await upload(fresh, file, { code: fresh.setupCode });
      const { backup } = up.body as unknown as { backup: BackupAnswer };
      const restore = (passphrase: string) =>
        fresh.call('POST', '/api/v1/setup/restore', { code: fresh.setupCode, backupId: backup.id, passphrase });
      expect((await restore('wrong passphrase')).body.code).toBe('wrong-passphrase');
      expect((await restore(PASSPHRASE)).status).toBe(202);
      await second.restarted();
      const reeve = second.reeve();
      expect((await reeve.call('POST', '/api/v1/session', signIn)).status).toBe(201);
      expect(await answersOf(reeve, { from, to })).toEqual(before);
      expect(JSON.parse(readFileSync(join(second.data, 'certificates.json'), 'utf8')).ca.cert).toBe(ca);
      // The passphrase in the settings opens: what is sealed is readable with the key of this place.
      expect(await runJob(reeve, 'backup')).toMatchObject({
        state: 'done',
        text: expect.stringContaining('encrypted'),
      });
      expect((await fresh.call('GET', '/api/v1/setup/restore')).body.code).toBe('already-set-up');
    },
    120_000,
  );

  test.each(STORES)(
    'without a passphrase holds no secret, says so, and leaves identity and accounts as they are when it is restored: %s',
    async (where) => {
      const bench = await startBench(await kept(where));
      await bench.reeve().setUp();
      await bench.reeve().call('POST', '/api/v1/sites', { name: 'Second' });
      const run = await runJob(bench.reeve(), 'backup');
      expect(run.text).toContain('without keys');
      const [made] = await backupsOf(bench.reeve());
      expect(made).toMatchObject({ isEncrypted: false, leftOut: expect.arrayContaining(['accounts and API keys']) });
      const text = readFileSync(await download(bench.reeve(), made?.id ?? ''), 'latin1');
      for (const secret of [
        '$argon2id',
        'passwordHash',
        'PRIVATE',
        '"key":"v1.',
        'users.db',
        'certificates.json',
        'v1.',
      ])
        expect(text.includes(secret), secret).toBe(false);
      await bench.reeve().call('POST', '/api/v1/sites', { name: 'Third' });
      const asked = await bench.reeve().call('POST', `/api/v1/backups/${made?.id}/restore`, { confirm: 'restore' });
      expect(asked.status).toBe(202);
      await bench.restarted();
      const reeve = bench.reeve();
      expect((await reeve.call('POST', '/api/v1/session', signIn)).status).toBe(201);
      const { body } = await reeve.call('GET', '/api/v1/sites');
      const names = ((body as unknown as { items?: { name: string }[] }).items ?? []).map(({ name }) => name);
      expect(names).toContain('Second');
      expect(names).not.toContain('Third');
    },
    60_000,
  );

  test('that is damaged inside is refused, and nothing is changed', async () => {
    const bench = await startBench();
    const reeve = bench.reeve();
    await reeve.setUp();
    await runJob(reeve, 'backup');
    const [kept] = await backupsOf(reeve);
    const file = join(bench.data, 'backups', `${kept?.id}.reeve`);
    const broken = readFileSync(file);
    const at = broken.indexOf('docs/sites.db') + 60;
    broken[at] = (broken[at] ?? 0) ^ 4;
    writeFileSync(file, broken);
    const before = readdirSync(bench.data).sort();
    const asked = await reeve.call('POST', `/api/v1/backups/${kept?.id}/restore`, { confirm: 'restore' });
    const run = await endOf(reeve, 'restore', String(asked.body.id));
    expect(run).toMatchObject({ state: 'failed', text: expect.stringMatching(/damaged/) });
    await until(() => readdirSync(bench.data).sort().join() === before.join(), {
      what: 'nothing is left of the trial',
    });
    expect((await reeve.call('GET', '/api/v1/sites')).status).toBe(200);
    const foreign = join(bench.data, 'foreign.bin');
    writeFileSync(foreign, Buffer.alloc(300_000, 7));
    expect((await upload(reeve, foreign)).body.code).toBe('backup-refused');
    expect(readdirSync(join(bench.data, 'backups')).filter((name) => name !== `${kept?.id}.reeve`)).toEqual([]);
  }, 60_000);

  test('is kept as often as was said, can be deleted, and is nobody’s but the owner’s', async () => {
    const bench = await startBench();
    const reeve = bench.reeve();
    await reeve.setUp();
    await changeSettings(reeve, 'backup', { keep: 2 });
    for (let n = 0; n < 3; n++) await runJob(reeve, 'backup');
    const kept = await backupsOf(reeve);
    expect(kept).toHaveLength(2);
    expect((await reeve.call('DELETE', `/api/v1/backups/${kept[0]?.id}`)).status).toBe(204);
    expect((await reeve.call('GET', `/api/v1/backups/${kept[0]?.id}/file`)).status).toBe(404);
    for (const bad of ['..%2f..%2fkey', 'reeve-x', 'key', '%2e%2e'])
      expect([400, 404], bad).toContain((await reeve.call('GET', `/api/v1/backups/${bad}/file`)).status);
    reeve.forgetCookie();
    for (const path of ['/api/v1/backups', `/api/v1/backups/${kept[1]?.id}/file`])
      expect((await reeve.call('GET', path)).status).toBe(401);
    expect((await upload(reeve, join(bench.data, 'format.json'))).status).toBe(401);
  }, 60_000);

  test('goes on with an upload whose answer was lost, and refuses a hole', async () => {
    const bench = await startBench();
    const reeve = bench.reeve();
    await reeve.setUp();
    const { uploadId } = (await reeve.call('POST', '/api/v1/backups/uploads')).body;
    const put = async (offset: number, bytes: Uint8Array) =>
      fetch(`${reeve.http}/api/v1/backups/uploads/${uploadId}?offset=${offset}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream', cookie: reeve.cookie() },
        body: bytes,
      });
    expect(await (await put(0, Buffer.alloc(10))).json()).toEqual({ bytes: 10 });
    expect(await (await put(0, Buffer.alloc(10))).json()).toEqual({ bytes: 10 });
    expect((await put(30, Buffer.alloc(10))).status).toBe(400);
    expect((await put(10, Buffer.alloc(5 * 1024 * 1024))).status).toBe(413);
    expect((await put(10, Buffer.alloc(5))).status).toBe(200);
  });
});
