import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openKeys, rotateMaster, writeDataKey } from '../../appliance/data-key.ts';
import { openMaster, sealWith } from '../../appliance/seal.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const A = 'aa'.repeat(32);
const B = 'bb'.repeat(32);

describe('the data key', () => {
  test('is random, the same at the next start, and not in any file as it is', async () => {
    const dir = temporaryDirectory();
    const { dataKey } = await openKeys(dir);
    expect((await openKeys(dir)).dataKey).toEqual(dataKey);
    const files = ['key', 'data-key.json'].map((name) => readFileSync(join(dir, name), 'utf8')).join();
    for (const form of ['hex', 'base64', 'base64url'] as const) expect(files).not.toContain(dataKey.toString(form));
  });

  test('is the master key itself where secrets are older than it', async () => {
    const dir = temporaryDirectory();
    const master = await openMaster(dir);
    writeFileSync(join(dir, 'certificates.json'), '{}');
    expect((await openKeys(dir)).dataKey).toEqual(master);
  });

  test('is refused with the cure when the master key is another one, or the file is damaged', async () => {
    const dir = temporaryDirectory();
    await openKeys(dir);
    await writeFile(join(dir, 'key'), `${A}\n`);
    await expect(openKeys(dir)).rejects.toThrow(/another key: restore the file "key"/);
    writeFileSync(join(dir, 'data-key.json'), '{"format":1,"wrap');
    await expect(openKeys(dir)).rejects.toThrow(/damaged: restore/);
  });

  test('stays the same when the master key is changed, in a file and in the environment', async () => {
    const dir = temporaryDirectory();
    const { dataKey } = await openKeys(dir);
    const before = readFileSync(join(dir, 'key'), 'utf8');
    await rotateMaster(dir, {});
    expect(readFileSync(join(dir, 'key'), 'utf8')).not.toBe(before);
    expect((await openKeys(dir)).dataKey).toEqual(dataKey);
    await writeFile(join(dir, 'key'), before);
    await expect(openKeys(dir)).rejects.toThrow(/another key/);

    const other = temporaryDirectory();
    const made = await openKeys(other, { fromEnvironment: A });
    await rotateMaster(other, { fromEnvironment: A, next: B });
    expect((await openKeys(other, { fromEnvironment: B })).dataKey).toEqual(made.dataKey);
    await expect(openKeys(other, { fromEnvironment: A })).rejects.toThrow(/another key/);
  });

  test('opens with either master key while they are being changed', async () => {
    const dir = temporaryDirectory();
    const { dataKey } = await openKeys(dir, { fromEnvironment: A });
    await writeDataKey(dir, dataKey, [Buffer.from(A, 'hex'), Buffer.from(B, 'hex')]); // Killed here.
    for (const key of [A, B]) expect((await openKeys(dir, { fromEnvironment: key })).dataKey).toEqual(dataKey);
    await rotateMaster(dir, { fromEnvironment: A, next: B }); // The command again.
    expect((await openKeys(dir, { fromEnvironment: B })).dataKey).toEqual(dataKey);
  });

  test('of a directory from before moves under a key of its own when the master key is changed', async () => {
    const dir = temporaryDirectory();
    const sealed = sealWith(await openMaster(dir)).seal('secret', 'test');
    writeFileSync(join(dir, 'certificates.json'), '{}');
    await rotateMaster(dir, {});
    expect((await openKeys(dir)).seal.open(sealed, 'test')).toBe('secret');
    rmSync(join(dir, 'key'));
    await expect(openKeys(dir, { mayBegin: false })).rejects.toThrow(/is missing/);
  });
});
