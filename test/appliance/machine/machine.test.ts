import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openLog } from '../../../appliance/log.ts';
import { AgentPrograms } from '../../../appliance/machine/agent-programs.ts';
import { Machine } from '../../../appliance/machine/machine.ts';
import { Updates } from '../../../appliance/machine/updates.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';
import { signingKey, updateBundle } from '../../helpers/update-bundle.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0dLq2nYFqjH2m3C7v7k3mYcV5m0p1l5m7h4t1r2x3y anna@desk';
const image = {
  ...{ version: '1.5.0', board: 'vm', slot: 'A', returnedFrom: null, resetAt: null },
  other: { version: null, state: 'empty' },
};
let run: string;
let orders: string;
beforeEach(() => {
  const dir = temporaryDirectory();
  [run, orders] = [join(dir, 'run'), join(dir, 'orders')];
  for (const folder of [run, orders]) mkdirSync(folder);
});
const tell = (name: string, content: unknown) =>
  writeFileSync(join(run, name), typeof content === 'string' ? content : JSON.stringify(content));
const order = (name: string) => readFileSync(join(orders, name), 'utf8');

let bench: InProcess | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

async function flashed(): Promise<InProcess> {
  tell('image.json', image);
  tell('network.json', { hostname: 'reeve', addresses: ['192.168.1.5'] });
  bench = await startInProcess({ systemRun: run, systemOrders: orders });
  await bench.setUp();
  return bench;
}

async function send(reeve: InProcess, bundle: Buffer, pieceBytes = 4 << 20) {
  const { body: begun } = await reeve.call('POST', '/api/v1/machine/update/uploads');
  for (let offset = 0; ; offset += pieceBytes) {
    const isLast = offset + pieceBytes >= bundle.length;
    const answer = await fetch(
      `${reeve.http}/api/v1/machine/update/uploads/${begun.uploadId}?offset=${offset}&last=${isLast}`,
      {
        method: 'PUT',
        headers: { cookie: reeve.cookie(), 'content-type': 'application/octet-stream' },
        body: new Uint8Array(bundle.subarray(offset, offset + pieceBytes)),
      },
    );
    const body = (await answer.json()) as { detail?: string; version?: string };
    if (isLast || !answer.ok) return { status: answer.status, body };
  }
}

describe('where the appliance is no flashed image', () => {
  test('there is nothing to see and nothing to change', async () => {
    bench = await startInProcess({ systemRun: run, systemOrders: orders });
    await bench.setUp();
    expect((await bench.call('GET', '/api/v1/machine')).body).toMatchObject({ image: null, pending: [] });
    expect((await bench.call('POST', '/api/v1/machine/restart')).status).toBe(404);
    expect((await bench.call('POST', '/api/v1/machine/factory-reset', { confirm: 'reeve' })).status).toBe(404);
    expect((await bench.call('POST', '/api/v1/machine/update/uploads')).status).toBe(404);
    const { items } = (await bench.call('GET', '/api/v1/settings')).body as unknown as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).not.toContain('update');
    expect((await bench.call('GET', '/api/v1/settings/update')).status).toBe(404);
    const jobs = (await bench.call('GET', '/api/v1/jobs')).body as unknown as { items: { id: string }[] };
    expect(jobs.items.map(({ id }) => id)).not.toContain('update');
    expect(existsSync(join(orders, 'restart'))).toBe(false);
  });
});

describe('the machine of a flashed appliance', () => {
  test('tells version, slots, update and addresses, and takes nothing that is not what it should be', async () => {
    const reeve = await flashed();
    const at = 1_767_225_600_000;
    tell('update.json', {
      state: 'refused',
      version: '1.6.0',
      done: 0,
      reason: 'the signature\u001b[31m is wrong',
      at,
    });
    const read = async () => (await reeve.call('GET', '/api/v1/machine')).body;
    expect(await read()).toMatchObject({
      image,
      update: { state: 'refused', reason: 'the signature [31m is wrong' },
      network: { hostname: 'reeve' },
    });
    for (const hostile of [
      '',
      '{',
      'null',
      '7',
      JSON.stringify({ state: 'writing', version: '<b>', done: 2, reason: null, at }),
      'x'.repeat(200_000),
    ]) {
      tell('update.json', hostile);
      expect((await read()).update).toBeNull();
    }
    const parts = (await reeve.call('GET', '/api/v1/system')).body.parts as { name: string; detail: string }[];
    expect(parts.find(({ name }) => name === 'image')?.detail).toBe('version 1.5.0 in slot A');
  });

  test('says plainly that it went back', async () => {
    await flashed();
    await bench?.stop();
    tell('image.json', { ...image, returnedFrom: '1.6.0' });
    bench = await startInProcess({ systemRun: run, systemOrders: orders });
    await bench.setUp();
    const parts = (await bench.call('GET', '/api/v1/system')).body.parts as {
      name: string;
      status: string;
      detail: string;
    }[];
    expect(parts.find(({ name }) => name === 'image')).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('1.6.0 did not become healthy'),
    });
  });

  test('takes orders as whole files, and each stands in the audit trail', async () => {
    const reeve = await flashed();
    expect((await reeve.call('PUT', '/api/v1/machine/host-name', { hostName: 'attic' })).status).toBe(200);
    expect(order('hostname')).toBe('attic\n');
    expect((await reeve.call('PUT', '/api/v1/machine/ssh', { enabled: true, keys: [KEY] })).body.ssh).toEqual({
      enabled: true,
      keys: [KEY],
    });
    expect(JSON.parse(order('ssh.json'))).toEqual({ enabled: true, keys: [KEY] });
    expect(existsSync(join(orders, 'ssh')), 'root is told').toBe(true);
    expect((await reeve.call('POST', '/api/v1/machine/restart')).body.pending).toContain('restart');
    expect((await reeve.call('POST', '/api/v1/machine/power-off')).status).toBe(202);
    expect((await reeve.call('POST', '/api/v1/machine/factory-reset', { confirm: 'other' })).status).toBe(400);
    expect(existsSync(join(orders, 'factory-reset'))).toBe(false);
    expect((await reeve.call('POST', '/api/v1/machine/factory-reset', { confirm: 'reeve' })).status).toBe(202);
    expect(existsSync(join(orders, 'factory-reset'))).toBe(true);
    for (const what of ['setHostName', 'setSsh', 'restart', 'powerOff', 'factoryReset'])
      await until(async () => {
        const { items } = (await reeve.call('GET', '/api/v1/audit-trail?site=all')).body as unknown as {
          items: { what: string }[];
        };
        return items.some((entry) => entry.what === `machine.${what}`);
      });
  });

  test.each([
    { hostName: '' },
    { hostName: 'Attic' },
    { hostName: '-x' },
    { hostName: 'a.b' },
    { hostName: 'a\nb' },
    { hostName: 'x'.repeat(64) },
  ])('refuses the host name of %j', async (body) => {
    const reeve = await flashed();
    expect((await reeve.call('PUT', '/api/v1/machine/host-name', body)).status).toBe(400);
    expect(existsSync(join(orders, 'hostname'))).toBe(false);
  });

  test('refuses keys that could do more than sign in, and SSH without one', async () => {
    const reeve = await flashed();
    for (const keys of [
      [],
      [`command="sh" ${KEY}`],
      ['ssh-ed25519 short'],
      [`${KEY}\nssh-rsa AAAA`],
      [`${KEY} \u2028x`],
      ['-----BEGIN OPENSSH PRIVATE KEY-----'],
    ])
      expect((await reeve.call('PUT', '/api/v1/machine/ssh', { enabled: true, keys })).status).toBe(400);
    expect(existsSync(join(orders, 'ssh.json'))).toBe(false);
  });
});

describe('an update that is sent', () => {
  test('lies whole in the folder of orders after its last piece, and a second one waits', async () => {
    const reeve = await flashed();
    const bundle = updateBundle({ bytes: 300_000 });
    expect(await send(reeve, bundle, 100_000)).toEqual({
      status: 200,
      body: { bytes: bundle.length, version: '2.0.0' },
    });
    expect(readFileSync(join(orders, 'update.bundle')).equals(bundle)).toBe(true);
    expect((await reeve.call('POST', '/api/v1/machine/update/uploads')).status).toBe(409);
    expect((await reeve.call('GET', '/api/v1/machine')).body.pending).toEqual(['update']);
  });

  test('is refused with reason and cure where it cannot be installed, and nothing is left of it', async () => {
    const reeve = await flashed();
    const cases: [Buffer, string][] = [
      [Buffer.alloc(5_000), 'is no update of Reeve'],
      [updateBundle({ board: 'pi' }), 'for a Raspberry Pi'],
      [updateBundle({ version: '1.5.0' }), 'runs already'],
      [updateBundle({ bytes: 300_000 }).subarray(0, 200_000), 'cut short'],
    ];
    for (const [bundle, why] of cases) {
      const { status, body } = await send(reeve, bundle);
      expect({ status, detail: body.detail }).toEqual({ status: 422, detail: expect.stringContaining(why) });
      expect(existsSync(join(orders, 'update.bundle'))).toBe(false);
      expect(existsSync(join(orders, 'upload.part'))).toBe(false);
    }
  });
});

describe('an update that is fetched', () => {
  const { privateKey, pem } = signingKey();
  const at = Date.parse('2026-06-07T03:30:00Z');
  const settings = { schedule: 'daily', weekday: 'sunday', from: '03:00', until: '05:00' } as const;

  async function fetching(bundle: Buffer, more: { url?: string; now?: number; cut?: number } = {}) {
    const server = createServer((_request, response) =>
      response.end(bundle.subarray(0, more.cut ?? bundle.length)),
    ).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await until(() => server.address());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/reeve.bundle`;
    tell('image.json', image);
    writeFileSync(join(run, 'key.pem'), pem);
    const fetched: unknown[] = [];
    const updates = new Updates({
      machine: await Machine.open(run, orders),
      settings: () => ({ ...settings, url: more.url ?? url }),
      zone: () => 'UTC',
      freeBytes: async () => 1e12,
      fetched: (detail) => fetched.push(detail),
      keyFile: join(run, 'key.pem'),
      programs: new AgentPrograms({
        ...{ dir: join(run, 'executables'), keyFile: join(run, 'key.pem'), freeBytes: async () => 1e12 },
      }),
      isNear: (address) => address === '127.0.0.1',
    });
    const progress: number[] = [];
    const context = {
      signal: new AbortController().signal,
      progress: ({ done }: { done: number }) => progress.push(done),
      now: () => more.now ?? at,
      log: openLog({ level: 'silent', isTerminal: false }),
    };
    return { updates, url, fetched, progress, work: () => updates.job().run(context) };
  }
  const isThere = () => existsSync(join(orders, 'update.bundle'));

  test('at night lies in the folder of orders, is told as it goes, and who asked is told', async () => {
    const bundle = updateBundle({ bytes: 2_000_000, key: privateKey });
    const { work, fetched, progress } = await fetching(bundle);
    expect(await work()).toContain('Version 2.0.0 was fetched');
    expect(readFileSync(join(orders, 'update.bundle')).equals(bundle)).toBe(true);
    expect(progress.at(-1)).toBe(2_000_000);
    expect(fetched).toEqual([{ version: '2.0.0', by: 'schedule', host: expect.stringContaining('127.0.0.1') }]);
  });

  test('is left where it runs already, is older, went wrong before, or the night is over', async () => {
    for (const version of ['1.5.0', '1.4.9']) {
      const { work } = await fetching(updateBundle({ version, key: privateKey }));
      expect(await work()).toMatch(/runs already|is older/);
    }
    const { work } = await fetching(updateBundle({ key: privateKey }), { now: Date.parse('2026-06-07T12:00:00Z') });
    expect(await work()).toBe('Nothing is installed but from 03:00 to 05:00');
    expect(isThere()).toBe(false);
  });

  test('is fetched at any hour where somebody asks for it', async () => {
    const { work, updates, url } = await fetching(updateBundle({ key: privateKey }), {
      now: Date.parse('2026-06-07T12:00:00Z'),
    });
    updates.want(url, 'anna');
    await work();
    expect(isThere()).toBe(true);
  });

  test('is one at a time: what is asked for meanwhile is refused, and never fetched some night instead', async () => {
    const { work, updates, url, fetched } = await fetching(updateBundle({ key: privateKey }), { url: '' });
    updates.want(url, 'anna');
    const first = work();
    expect(() => updates.want(url, 'bert')).toThrow('being fetched already');
    await first;
    expect(await work()).toBe('There is no address of updates in the settings');
    expect(fetched).toHaveLength(1);
    updates.want(url, 'bert');
  });

  test('is laid beside the data where it is executables of the agent, and only where somebody asks for it', async () => {
    const bundle = updateBundle({
      ...{ board: 'agents', version: '1.5.0', fileName: 'linux-x64.pack', key: privateKey },
    });
    const { work, updates, url } = await fetching(bundle);
    expect(await work()).toContain('runs already');
    updates.want(url, 'anna');
    expect(await work()).toContain('Executables of the agent of version 1.5.0 were fetched');
    expect(readFileSync(join(run, 'executables/linux-x64.pack'))).toHaveLength(1_000);
    expect(isThere()).toBe(false);
    expect(existsSync(join(orders, 'update.part'))).toBe(false);
  });

  test('is refused where another has signed it, or it ends too early, and nothing is left of it', async () => {
    await expect((await fetching(updateBundle())).work()).rejects.toThrow('not signed by who made this image');
    await expect(
      (await fetching(updateBundle({ bytes: 300_000, key: privateKey }), { cut: 200_000 })).work(),
    ).rejects.toThrow('ended before');
    expect(isThere()).toBe(false);
    expect(existsSync(join(orders, 'update.part'))).toBe(false);
  });
});
