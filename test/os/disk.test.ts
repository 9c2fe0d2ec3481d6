import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { freePort } from '../helpers/ports.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { diskOf, partitionsOf } from './harness/disk.ts';
import { Machine } from './harness/machine.ts';

const built = inject('built');

it('the disk starts with UEFI too, and its data partition grows to the end of a larger one', async () => {
  const folder = join(temporaryDirectory('reeve-uefi-'), 'machine');
  mkdirSync(folder);
  const disk = diskOf(built.raw, join(folder, 'disk.raw'), '4G');
  const machine = new Machine({ disk, folder, port: await freePort(), isUefi: true });
  try {
    await machine.healthy(built.version);
    const data = () => partitionsOf(disk).find(({ name }) => name === 'reeve-data')?.size ?? 0;
    await until(() => data() * 512 > 2.5 * 1024 ** 3, { timeoutMs: 60_000, what: 'the data partition has grown' });
    const [, gigabytes] = await machine.says(/now ([\d.]+)G of data/);
    expect(Number(gigabytes)).toBeGreaterThan(2.3);
  } finally {
    await machine.cut();
  }
});
