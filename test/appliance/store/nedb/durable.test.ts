import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Datastore from 'nedb-promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StorageError } from '../../../../appliance/store/errors.ts';
import { DurableFile } from '../../../../appliance/store/nedb/durable.ts';
import { sealLine } from '../../../../appliance/store/nedb/line.ts';
import { FailingDisk } from '../../../helpers/failing-disk.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { until } from '../../../helpers/until.ts';

const NOW = Date.UTC(2025, 10, 21);

interface Bench {
  dir: string;
  file: string;
  disk: FailingDisk;
  log: ReturnType<typeof keepingLog>;
  open(indexes?: string[]): Promise<DurableFile>;
}

function bench(dir = temporaryDirectory()): Bench {
  const disk = new FailingDisk();
  const log = keepingLog();
  const file = join(dir, 'things.db');
  const open = async (indexes: string[] = []) => {
    const quarantine = join(dir, 'quarantine');
    const durable = await DurableFile.open({ file, quarantine, indexes, log, disk, now: () => NOW });
    onTestFinished(() => durable.close());
    return durable;
  };
  return { dir, file, disk, log, open };
}

const thing = (n: number, more: Record<string, unknown> = {}) => ({ _id: `thing-${n}`, n, ...more });
const numbers = async (durable: DurableFile) => (await durable.find({}, { sort: { n: 1 } })).map(({ n }) => n);

async function filled(count: number): Promise<Bench> {
  const made = bench();
  const durable = await made.open();
  for (let n = 0; n < count; n++) await durable.insert([thing(n)]);
  await durable.close();
  return made;
}

describe('loading', () => {
  test('does not rewrite the file', async () => {
    const { file, open } = await filled(5);
    const before = statSync(file);
    const durable = await open(['n']);
    expect(await numbers(durable)).toEqual([0, 1, 2, 3, 4]);
    await durable.close();
    expect({ ino: statSync(file).ino, mtimeMs: statSync(file).mtimeMs }).toEqual({
      ino: before.ino,
      mtimeMs: before.mtimeMs,
    });
  });

  test.each(['\u0085', '\u2028', '\u2029', '\v', '\f', '\r\n', '\u0000', '\ud800', '😀'])(
    'keeps a text with %j, which NeDB takes for a line break or mangles',
    async (odd) => {
      const { open } = bench();
      const first = await open();
      await first.insert([thing(1, { text: `a${odd}b` })]);
      await first.close();
      expect(await (await open()).get('thing-1')).toMatchObject({ text: `a${odd}b` });
    },
  );

  test('plain NeDB reads the files too, so that they can be exported without Reeve', async () => {
    const { file } = await filled(3);
    const plain = Datastore.create({ filename: file });
    expect(await plain.count({})).toBe(3);
  });

  test.each([1, 5, 20])('starts with a torn last line after %d good ones and names it', async (count) => {
    const { dir, file, log, open } = await filled(count);
    appendFileSync(file, sealLine('{"_id":"late","n":99}').slice(0, 20));
    const durable = await open();
    expect(await numbers(durable)).toEqual(Array.from({ length: count }, (_, n) => n));
    expect(durable.damage[0]?.reason).toContain('the last line was not finished');
    expect(readFileSync(durable.damage[0]?.file ?? '', 'utf8')).toContain('late');
    expect(readdirSync(join(dir, 'quarantine'))).toHaveLength(1);
    expect(log.lines.join()).toContain('was not finished');
  });

  test('never adds to a torn file: what comes after it is on a line of its own', async () => {
    const { file, open } = await filled(2);
    truncateSync(file, statSync(file).size - 7);
    const second = await open();
    await second.insert([thing(7)]);
    await second.close();
    const third = await open();
    expect(await numbers(third)).toEqual([0, 7]);
    expect(third.damage).toEqual([]);
  });

  test('a whole last line that only lacks its line break is kept', async () => {
    const { file, open } = await filled(2);
    truncateSync(file, statSync(file).size - 1);
    const second = await open();
    await second.insert([thing(2)]);
    await second.close();
    expect(await numbers(await open())).toEqual([0, 1, 2]);
  });

  test('a file of nothing but rubbish is set aside and the start goes on', async () => {
    const { file, open } = bench();
    writeFileSync(file, `${'\0'.repeat(99)}\n`.repeat(30));
    const durable = await open();
    expect(await numbers(durable)).toEqual([]);
    expect(durable.damage[0]?.reason).toContain('damaged');
    await durable.insert([thing(1)]);
    await durable.close();
    expect(await numbers(await open())).toEqual([1]);
  });

  test('every single flipped bit is noticed: a document comes back as it was or not at all', async () => {
    const { dir, file } = await filled(6);
    const good = readFileSync(file);
    for (let at = 0; at < good.length * 8; at += 13) {
      const flipped = Buffer.from(good);
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
      mkdirSync(join(dir, `${at}`));
      writeFileSync(join(dir, `${at}`, 'things.db'), flipped);
      const durable = await bench(join(dir, `${at}`)).open();
      const found = await durable.find({});
      for (const document of found) expect(document).toEqual(thing(Number(document.n)));
      // A flipped line break joins two lines; any other bit is in one.
      expect(found.length).toBeGreaterThanOrEqual(4);
      expect(durable.damage.length).toBe(found.length === 6 ? 0 : 1);
      expect(found.length === 6 && flipped.equals(good)).toBe(false);
      await durable.close();
    }
  });

  test('a leftover of an interrupted compaction is taken away and changes nothing', async () => {
    const { file, open } = await filled(2);
    writeFileSync(`${file}.new`, 'half of a fi');
    expect(await numbers(await open())).toEqual([0, 1]);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test('indexes are in force after every restart and leave no line in the file', async () => {
    const { file, open } = bench();
    const first = await open(['n']);
    await first.insert([thing(1), thing(2)]);
    await first.close();
    const second = await open(['n']);
    expect(await second.find({ n: 2 })).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).not.toContain('indexCreated');
  });
});

describe('writing', () => {
  test('resolves after the data was synced, one sync for one write', async () => {
    const { disk, file, open } = bench();
    const durable = await open();
    disk.syncs = 0;
    await durable.insert([thing(1), thing(2), thing(3)]);
    expect(disk.syncs).toBe(1);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  test.each(['torn', 'sync'] as const)(
    'a write that failed (%s) is neither in memory nor on the disk',
    async (mode) => {
      const { disk, open } = bench();
      const durable = await open();
      await durable.put([thing(1, { state: 'old' }), thing(2)]);
      disk.mode = mode;
      await expect(durable.put([thing(1, { state: 'new' }), thing(3)])).rejects.toBeInstanceOf(StorageError);
      await expect(durable.insert([thing(4)])).rejects.toBeInstanceOf(StorageError);
      await expect(durable.remove(['thing-2'])).rejects.toBeInstanceOf(StorageError);
      expect(await numbers(durable)).toEqual([1, 2]);
      expect(await durable.get('thing-1')).toMatchObject({ state: 'old' });
      await durable.close();
      const after = await open().catch(() => undefined);
      expect(after && (await numbers(after))).toEqual([1, 2]);
    },
  );

  test('a full disk is told with its cure', async () => {
    const { disk, open } = bench();
    const durable = await open();
    disk.mode = 'torn';
    await expect(durable.insert([thing(1)])).rejects.toThrow('the disk is full; free some space');
  });

  test('when space is back, the next write is whole and goes into a new file', async () => {
    const { disk, file, open } = bench();
    const durable = await open();
    await durable.insert([thing(1)]);
    const { ino } = statSync(file);
    disk.mode = 'torn';
    await expect(durable.insert([thing(2)])).rejects.toThrow();
    disk.mode = 'works';
    await durable.insert([thing(3)]);
    expect(statSync(file).ino).not.toBe(ino);
    await durable.close();
    const again = await open();
    expect(await numbers(again)).toEqual([1, 3]);
    expect(again.damage).toEqual([]);
  });

  test('an id that exists is refused and nothing of that insert stays', async () => {
    const { open } = await filled(1);
    const durable = await open();
    await expect(durable.insert([thing(5), thing(0)])).rejects.toMatchObject({ errorType: 'uniqueViolated' });
    await durable.close();
    expect(await numbers(await open())).toEqual([0]);
  });

  test('what was read is a copy', async () => {
    const { open } = await filled(1);
    const durable = await open();
    const read = await durable.get('thing-0');
    if (read) read.n = 'changed';
    expect(await durable.get('thing-0')).toEqual(thing(0));
  });

  test('many documents can be taken away at once', async () => {
    const { open } = bench();
    const durable = await open();
    const many = Array.from({ length: 20_000 }, (_, n) => thing(n));
    await durable.insert(many);
    expect(await durable.remove(many.map(({ _id }) => _id))).toBe(20_000);
    expect(await numbers(durable)).toEqual([]);
  });
});

describe('compaction', () => {
  test('drops the garbage when it is more than half and more than 1 MB, and not before', async () => {
    const { file, open } = bench();
    const durable = await open();
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < 12; n++) await durable.put([thing(1, { text, n })]);
    const grown = statSync(file);
    expect(grown.size).toBeGreaterThan(1_150_000);
    await until(() => statSync(file).size < 200_000, { what: 'the file was compacted' });
    expect(statSync(file).ino).not.toBe(grown.ino);
    await durable.put([thing(2)]);
    await durable.close();
    const again = await open();
    expect(await again.get('thing-1')).toMatchObject({ n: 11 });
    expect(await again.get('thing-2')).toEqual(thing(2));
    expect(again.damage).toEqual([]);
  });

  test('that fails leaves the old file in force', async () => {
    const { disk, open } = await filled(3);
    const durable = await open();
    disk.mode = 'torn';
    await expect(durable.compact()).rejects.toBeInstanceOf(StorageError);
    disk.mode = 'works';
    await durable.insert([thing(3)]);
    await durable.close();
    expect(await numbers(await open())).toEqual([0, 1, 2, 3]);
  });
});

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'on a real full disk nothing is acknowledged that is not there later, and writing goes on when space is back',
  async () => {
    const dir = temporaryDirectory();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', dir]);
    if (mounted.status !== 0) return;
    onTestFinished(() => void spawnSync('umount', ['-l', dir]));
    const { file, open } = bench(dir);
    const durable = await open();
    const acknowledged: number[] = [];
    for (let n = 0; n < 60; n++) {
      const written = durable.insert([thing(n, { text: 'x'.repeat(16_000) })]).then(() => true);
      if (await written.catch(() => false)) acknowledged.push(n);
    }
    expect(acknowledged.length).toBeLessThan(40);
    expect(await numbers(durable)).toEqual(acknowledged);
    expect(spawnSync('mount', ['-o', 'remount,size=8m', dir]).status).toBe(0);
    await durable.insert([thing(100)]);
    await durable.close();
    const again = await open();
    expect(await numbers(again)).toEqual([...acknowledged, 100]);
    expect(again.damage).toEqual([]);
    expect(existsSync(file)).toBe(true);
    await again.close();
  },
);
