import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { createOwner, type Owner, signIn } from '../helpers/owner.ts';
import { freePort } from '../helpers/ports.ts';
import { until } from '../helpers/until.ts';
import { diskOf, Machine, putOnDisk, readFromDisk } from './harness/machine.ts';

const built = inject('built');
const isLong = process.env.REEVE_TEST_LONG === '1';

/** One machine after the other with the same disk: what happens to an appliance over the years. */
let folder: string;
let disk: string;
let machine: Machine;
let owner: Owner;

const start = async () => {
  machine = new Machine({ disk, folder, port: await freePort() });
};
const setupCode = async (from = 0) => (await machine.says(/#code=([\w-]+)/, from))[1] ?? '';
const order = (name: string, text: string) => {
  const file = join(folder, 'order');
  writeFileSync(file, text);
  putOnDisk(disk, file, `reeve-system/${name}`);
};

beforeAll(async () => {
  folder = makeDirectory('reeve-machine-');
  disk = diskOf(built.raw, join(folder, 'disk.raw'));
  await start();
});

afterAll(async () => {
  await machine?.cut();
  removeDirectory(folder);
});

describe('an appliance that was flashed', () => {
  it('answers with the dashboard, and its console has the link to make the owner with', async () => {
    await machine.healthy(built.version);
    const page = await fetch(machine.url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('<title>Reeve');
    owner = await createOwner({ httpUrl: machine.url, setupCode: await setupCode() });
    expect(await owner.hosts()).toBeInstanceOf(Array);
  });

  it('keeps all that it acknowledged when the power goes in the middle of writing', async () => {
    const kept: string[] = [];
    const writing = (async () => {
      for (let n = 1; machine.isRunning(); n++) {
        const name = `before the cut ${n}`;
        const made = await owner.request('POST', '/api/v1/keys', { name, role: 'viewer' }).catch(() => undefined);
        if (made?.status === 201) kept.push(name);
        else if (made) throw new Error(`${made.status} ${JSON.stringify(made.body)}`);
      }
    })();
    await until(() => kept.length >= 10, { timeoutMs: 120_000, what: 'ten keys are acknowledged' });
    await machine.cut();
    await writing;
    copyFileSync(built.good, join(folder, 'tampered'));
    const handle = openSync(join(folder, 'tampered'), 'r+');
    writeSync(handle, 'X', readFileSync(built.good).indexOf('"dataSchema"') + 1);
    closeSync(handle);
    putOnDisk(disk, join(folder, 'tampered'), 'reeve-system/update.bundle');
    await start();
    await machine.healthy(built.version);
    owner = await signIn({ httpUrl: machine.url });
    const { body } = await owner.request('GET', '/api/v1/keys?limit=1000');
    const names = (body as { items: { name: string }[] }).items.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(kept));
  });

  it('refuses an update that somebody has changed', async () => {
    await machine.says(/update refused: The signature is not that of the maker/);
    expect((await machine.health()).version).toBe(built.version);
  });

  it('survives that the power goes while an update is written, goes on with it, and runs it with all data', async () => {
    await machine.cut();
    putOnDisk(disk, built.good, 'reeve-system/update.bundle');
    let from = machine.console().length;
    await start();
    await machine.says(/update: writing/, from);
    await machine.cut();
    from = machine.console().length;
    await start();
    await machine.healthy(built.goodVersion);
    await machine.says(/slot B is good/, from);
    owner = await signIn({ httpUrl: machine.url });
    expect(await owner.hosts()).toBeInstanceOf(Array);
  });

  it('goes back by itself from an update that cannot be mounted', async () => {
    await machine.cut();
    putOnDisk(disk, built.corrupt, 'reeve-system/update.bundle');
    const from = machine.console().length;
    await start();
    await machine.says(/the root of slot A cannot be mounted[\s\S]*the root of slot A cannot be mounted/, from);
    await machine.says(/slot B is good/, from + machine.console().slice(from).lastIndexOf('cannot be mounted'));
    await machine.healthy(built.goodVersion);
  });

  it.runIf(isLong)('goes back by itself from an update whose appliance does not start', async () => {
    await machine.cut();
    putOnDisk(disk, built.broken, 'reeve-system/update.bundle');
    const from = machine.console().length;
    await start();
    await machine.says(/slot A does not become healthy[\s\S]*slot A does not become healthy/, from, 900_000);
    await machine.says(/slot B is good/, from + machine.console().slice(from).lastIndexOf('does not become healthy'));
    await machine.healthy(built.goodVersion);
    owner = await signIn({ httpUrl: machine.url });
  });

  it('forgets everything but its version when it is reset', async () => {
    await machine.cut();
    const before = readFromDisk(disk, 'system/machine-id');
    order('factory-reset', '');
    const from = machine.console().length;
    await start();
    await machine.says(/factory reset/, from);
    await machine.healthy(built.goodVersion);
    await createOwner({ httpUrl: machine.url, setupCode: await setupCode(from) });
    await machine.cut();
    expect(readFromDisk(disk, 'system/machine-id')).toMatch(/^[0-9a-f]{32}\n$/);
    expect(readFromDisk(disk, 'system/machine-id')).not.toBe(before);
  });
});

describe('the disk of the image', () => {
  it('starts with UEFI as with BIOS, and grows its data partition to the end of the disk', async () => {
    const other = join(folder, 'uefi');
    execFileSync('mkdir', [other]);
    const large = diskOf(built.raw, join(other, 'disk.raw'), '4G');
    const uefi = new Machine({ disk: large, folder: other, port: await freePort(), isUefi: true });
    try {
      await uefi.healthy(built.version);
      const { partitiontable } = JSON.parse(execFileSync('sfdisk', ['--json', large], { encoding: 'utf8' })) as {
        partitiontable: { partitions: { name: string; size: number }[] };
      };
      const data = partitiontable.partitions.find(({ name }) => name === 'reeve-data');
      expect((data?.size ?? 0) * 512).toBeGreaterThan(2.5 * 1024 ** 3);
    } finally {
      await uefi.cut();
    }
    expect(existsSync(large)).toBe(true);
  });
});
