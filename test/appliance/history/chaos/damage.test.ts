import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { historyBench, NOON, readAll, sender } from '../../../helpers/history.ts';
import { makeDirectory, removeDirectory, temporaryDirectory } from '../../../helpers/temporary.ts';

const HOUR = 3_600_000;
const STRICT = process.env.REEVE_TEST_STRICT === '1';
const HOSTS = ['host-1', 'host-2', 'host-3', 'host-4'];

const rows = (count: number): [number, number][] => Array.from({ length: count }, (_, n) => [n * 5_000, n]);
const filesIn = (dir: string, ...path: string[]) => readdirSync(join(dir, 'history', ...path)).sort();

function copyOf(dir: string): ReturnType<typeof historyBench> {
  const copy = historyBench(temporaryDirectory());
  cpSync(dir, copy.dir, { recursive: true });
  return copy;
}

describe('the log', () => {
  test('cut at every byte of its last document loses that commit and no other, and says so', async () => {
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const agent = sender(history);
    for (let n = 0; n < 6; n++) await history.append([agent.frame(NOON + n * 5_000, [n, n])]);
    await history.close();
    const [name = ''] = filesIn(made.dir, 'log', '2h');
    const whole = readFileSync(join(made.dir, 'history', 'log', '2h', name), 'utf8');
    const last = Buffer.byteLength(whole) - Buffer.byteLength(whole.trimEnd().split('\n').at(-1) ?? '') - 1;
    for (let size = last; size < whole.length; size += STRICT ? 1 : 5) {
      const copy = copyOf(made.dir);
      rmSync(join(copy.dir, 'history', 'records.db'));
      truncateSync(join(copy.dir, 'history', 'log', '2h', name), size);
      const again = await copy.open();
      const lastIsWhole = size === whole.length - 1;
      expect((await readAll(again)).a).toEqual(rows(lastIsWhole ? 6 : 5));
      expect(again.durableMark(agent.stream)).toBe(lastIsWhole ? 6 : 5);
      expect(copy.log.lines.join().includes('was not finished')).toBe(size !== last);
      expect(again.stats().quarantined.length).toBe(size === last ? 0 : 1);
      const follower = sender(again);
      await again.append([follower.frame(NOON + 30_000, [9, 9])]);
      await again.close();
      const third = await copy.open();
      expect((await readAll(third)).a?.at(-1)).toEqual([30_000, 9]);
      await third.close();
      removeDirectory(copy.dir);
    }
  }, 300_000);

  test('with a damaged commit in its middle loses that commit only', async () => {
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const agent = sender(history);
    for (let n = 0; n < 6; n++) await history.append([agent.frame(NOON + n * 5_000, [n, n])]);
    await history.close();
    const [name = ''] = filesIn(made.dir, 'log', '2h');
    for (let line = 0; line < 5; line++) {
      const copy = copyOf(made.dir);
      const file = join(copy.dir, 'history', 'log', '2h', name);
      const lines = readFileSync(file, 'utf8').split('\n');
      lines[line] = (lines[line] ?? '').replace('"b":"', '"b":"A');
      writeFileSync(file, lines.join('\n'));
      const again = await copy.open();
      expect((await readAll(again)).a).toEqual(rows(6).filter(([, n]) => n !== line));
      expect(again.durableMark(agent.stream)).toBe(6);
      expect(
        again
          .stats()
          .quarantined.map(({ reason }) => reason)
          .join(),
      ).toContain('1 of 6 lines are damaged');
      await again.close();
    }
  });

  test('with a part that the disk does not give out starts with the rest, and names it', async () => {
    const made = historyBench(temporaryDirectory());
    const history = await made.open();
    const agent = sender(history);
    await history.append([agent.frame(NOON, [1, 1])]);
    await history.close();
    // Reading a directory fails as a bad sector does, with an error of the system.
    mkdirSync(join(made.dir, 'history', 'log', '2h', '00000000.db'));
    const again = await made.open();
    expect((await readAll(again)).a).toEqual([[0, 1]]);
    expect(again.stats().quarantined).toMatchObject([{ file: expect.stringContaining('00000000.db') }]);
    const follower = sender(again);
    await again.append([follower.frame(NOON + 5_000, [2, 2])]);
    made.now = NOON + 3 * HOUR;
    await again.tend();
    expect(filesIn(made.dir, 'log', '2h')).toContain('00000000.db');
    await again.close();
  });
});

describe('a sealed partition', () => {
  let dir: string;
  let file: string;
  const ask = { from: NOON, to: NOON + HOUR };
  beforeAll(async () => {
    dir = makeDirectory();
    return () => removeDirectory(dir);
  });

  /** Four hosts of 300 rows, sealed. */
  async function sealed(): Promise<ReturnType<typeof historyBench>> {
    const made = historyBench(dir);
    if (!existsSync(join(dir, 'history', 'raw'))) {
      const history = await made.open();
      const agents = HOSTS.map((hostId) => sender(history, { hostId, stream: `${hostId}/s` }));
      for (const agent of agents) {
        await history.append(rows(300).map(([at, n]) => agent.frame(NOON + at, [n, Math.sin(n)])));
      }
      made.now = NOON + 3 * HOUR;
      await history.tend();
      await history.close();
    }
    const [name = ''] = filesIn(dir, 'raw', '2h');
    file = join('history', 'raw', '2h', name);
    const copy = copyOf(dir);
    copy.now = NOON + 3 * HOUR;
    return copy;
  }

  /** What the minutes still say of a host whose raw rows are lost: the mean of each twelve. */
  const minutes = rows(300).flatMap(([at, n]) => (n % 12 === 0 ? [[at, n + 5.5]] : []));

  test('with a flipped bit: every one is noticed, one chunk at most is lost and named, the minutes stand in for it', async () => {
    const flips = STRICT ? 600 : 200;
    const made = await sealed();
    const good = readFileSync(join(made.dir, file));
    const reference = Object.fromEntries(
      await Promise.all(
        HOSTS.map(async (hostId) => {
          const history = await copyOf(made.dir).open();
          return [hostId, await readAll(history, { hostId, ...ask })] as const;
        }),
      ),
    );
    for (let flip = 0; flip < flips; flip++) {
      const bit = Math.floor((flip + Math.random()) * ((good.length * 8) / flips));
      const bad = Buffer.from(good);
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(join(made.dir, file), bad);
      const history = await made.open();
      const found = [];
      for (const hostId of HOSTS) {
        const read = await readAll(history, { hostId, ...ask });
        if (read.a?.length === 300) {
          expect(read).toEqual(reference[hostId]);
          found.push(hostId);
        } else expect(read.a).toEqual(minutes);
      }
      const isLineBreak = good[bit >> 3] === 10;
      expect(found.length).toBe(isLineBreak ? 4 : 3);
      expect(history.stats().quarantined).toHaveLength(isLineBreak ? 0 : 1);
      await history.close();
    }
  }, 300_000);

  test('that was shortened gives what is left of it, and says so', async () => {
    const made = await sealed();
    const { length } = readFileSync(join(made.dir, file));
    truncateSync(join(made.dir, file), Math.floor(length * 0.6));
    const history = await made.open();
    const there = [];
    for (const hostId of HOSTS) if ((await readAll(history, { hostId, ...ask })).a?.length === 300) there.push(hostId);
    expect(there).toEqual(HOSTS.slice(0, 2));
    expect(
      history
        .stats()
        .quarantined.map(({ reason }) => reason)
        .join(),
    ).toContain('bytes are there instead of');
    await history.close();
    const again = await made.open();
    expect(again.stats().partitions).toBe(2);
  });

  test('that is gone is named, and the start goes on', async () => {
    const made = await sealed();
    rmSync(join(made.dir, file));
    const history = await made.open();
    expect((await readAll(history, { hostId: 'host-1', ...ask })).a).toEqual(minutes);
    expect(history.stats().quarantined).toEqual([{ file: join(made.dir, file), reason: 'the file is missing' }]);
  });

  test('is found again when the catalogue is lost, and its series when the records are lost too', async () => {
    const made = await sealed();
    const before = await (async () => {
      const history = await made.open();
      const all = [await readAll(history, { hostId: 'host-3', ...ask }), history.seriesOf('host-3')];
      await history.close();
      return all;
    })();
    for (const name of ['catalogue.db', 'records.db']) rmSync(join(made.dir, 'history', name));
    const history = await made.open();
    expect([await readAll(history, { hostId: 'host-3', ...ask }), history.seriesOf('host-3')]).toEqual(before);
    expect(history.declare('host-3', [{ metric: 'new', attributes: {} }])[0]?.id).toBe(3);
  });

  test('of nothing but rubbish is put aside', async () => {
    const made = await sealed();
    writeFileSync(join(made.dir, file), 'rubbish\n'.repeat(1_000));
    const history = await made.open();
    expect((await readAll(history, { hostId: 'host-1', ...ask })).a).toEqual(minutes);
    expect(filesIn(made.dir, 'quarantine')).toHaveLength(1);
    await history.close();
    const again = await made.open();
    expect(again.stats()).toMatchObject({ partitions: 1, quarantined: [] });
  });
});
