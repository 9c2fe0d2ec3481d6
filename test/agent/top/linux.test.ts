import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SystemFiles } from '../../../agent/files.ts';
import { linuxProcesses, parsePasswd, parseStat, parseUnits } from '../../../agent/top/linux.ts';
import { Top } from '../../../agent/top/top.ts';
import { topProcesses } from '../../../protocol/agent-link.ts';
import { FRAME_LIMITS } from '../../../protocol/limits.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const units = { page: 4096, ticks: 100 };
/** As a kernel 6.18 wrote it; then what is asked for is put in. */
const statOf = (pid: number, { name = 'worker', user = 0, system = 0, start = 100, pages = 256 } = {}) =>
  `${pid} (${name}) S 1 ${pid} ${pid} 0 -1 4194560 6000 0 13 0 ${user} ${system} 0 0 20 0 1 0 ${start} 22880256 ${pages} 18446744073709551615 1 1 0 0 0 0 671173123 4096 1260 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n`;

function machine() {
  const root = temporaryDirectory();
  return {
    root,
    write(pid: number, text: string) {
      mkdirSync(join(root, 'proc', String(pid)), { recursive: true });
      writeFileSync(join(root, 'proc', String(pid), 'stat'), text);
    },
  };
}

describe('/proc/<pid>/stat', () => {
  it('is read whatever the name holds', () => {
    const odd = parseStat(statOf(7, { name: 'a) b (c 1 2', user: 150, system: 50, start: 9, pages: 3 }), units);
    expect(odd).toEqual({ pid: 7, name: 'a) b (c 1 2', start: 9, cpuSeconds: 2, memoryBytes: 12_288 });
    const utf8 = Buffer.from(statOf(8, { name: 'grün' })).toString('latin1');
    expect(parseStat(utf8, units)?.name).toBe('grün');
  });

  it.each(['', '12', '12 (cut', '12 (cut) S 1 2', `${'9'.repeat(5_000)}`, '\0\0(\0) \0'])(
    'that is no such file is no process: %j',
    (text) => expect(parseStat(text, units)).toBeUndefined(),
  );

  it('of this very process agrees with what Node says of it', () => {
    const own = parseStat(readFileSync('/proc/self/stat', 'latin1'), parseUnits(readFileSync('/proc/self/auxv')));
    expect(own?.pid).toBe(process.pid);
    const { rss } = process.memoryUsage();
    expect(Math.abs((own?.memoryBytes ?? 0) - rss)).toBeLessThan(rss / 5);
    const { user, system } = process.cpuUsage();
    expect(own?.cpuSeconds).toBeCloseTo((user + system) / 1e6, 0);
  });
});

describe('the units of a machine', () => {
  it('are those of its auxiliary vector: a Raspberry Pi 5 has pages of 16 KiB', () => {
    const auxv = Buffer.alloc(64);
    for (const [at, word] of [33n, 0xffffn, 6n, 16_384n, 17n, 100n, 0n, 0n].entries())
      auxv.writeBigUInt64LE(word, at * 8);
    expect(parseUnits(auxv)).toEqual({ page: 16_384, ticks: 100 });
    const narrow = Buffer.alloc(24);
    for (const [at, word] of [6, 65_536, 17, 250, 0, 0].entries()) narrow.writeUInt32LE(word, at * 4);
    expect(parseUnits(narrow, 4)).toEqual({ page: 65_536, ticks: 250 });
  });

  it.each([undefined, Buffer.alloc(0), Buffer.from('cut off'), Buffer.alloc(4096)])(
    'are the usual ones where it says nothing',
    (auxv) => expect(parseUnits(auxv)).toEqual({ page: 4096, ticks: 100 }),
  );
});

it('names of users come from /etc/passwd', () => {
  const names = parsePasswd('root:x:0:0:root:/root:/bin/bash\n# a comment\nnobody:x:65534:65534::/:/x\n\nbroken');
  expect([...names]).toEqual([
    ['0', 'root'],
    ['65534', 'nobody'],
  ]);
});

describe('the processes that take most', () => {
  it('are those by processor and by memory since the last question, with names without control characters', async () => {
    const { root, write } = machine();
    write(1, statOf(1));
    write(10, statOf(10, { user: 1_000 }));
    write(11, statOf(11, { user: 500, name: 'bad\nname\u001b[2J' }));
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/passwd'), `someone:x:${process.getuid?.()}:0::/:/bin/sh\n`);
    let now = 0;
    let scans = 0;
    const source = linuxProcesses(new SystemFiles(root));
    const counted = { ...source, scan: () => source.scan().finally(() => scans++) };
    const top = new Top(counted, () => now);
    const asked = top.ask();
    const again = top.ask();
    await until(() => scans === 1, { what: 'the first scan' });
    now = 1_000;
    write(11, statOf(11, { user: 550, name: 'bad\nname\u001b[2J', pages: 100_000 }));
    write(12, statOf(12, { user: 25 }));
    const told = await asked;
    expect(await again).toBe(told);
    expect(topProcesses.parse(told)).toMatchObject({ overMs: 1_000, seen: 4, leftOut: 0 });
    expect(told.isPartial).toBeUndefined();
    expect(told.items.slice(0, 2)).toEqual([
      { pid: 11, name: 'bad·name·[2J', user: 'someone', cpu: 0.5, memoryBytes: 409_600_000 },
      { pid: 12, name: 'worker', user: 'someone', cpu: 0.25, memoryBytes: 1_048_576 },
    ]);
    expect(await top.ask()).toBe(told);
    now = 6_000;
    write(10, statOf(10, { user: 1_500 }));
    // The number was given anew: what the one before had used is not counted.
    write(12, statOf(12, { user: 10, start: 900 }));
    const later = await top.ask();
    expect(later.overMs).toBe(5_000);
    expect(later.items.find(({ pid }) => pid === 10)?.cpu).toBe(1);
    expect(later.items.find(({ pid }) => pid === 12)?.cpu).toBe(0.02);
  });

  it('are told as part of them where the system hides the others', async () => {
    const { root, write } = machine();
    write(50, statOf(50));
    chmodSync(join(root, 'proc'), 0o755);
    expect(await linuxProcesses(new SystemFiles(root)).scan()).toMatchObject({ isPartial: true });
  });

  it('of a machine with 2,000 are read in slices: what is due meanwhile comes in between, and the answer is short', async () => {
    const { root, write } = machine();
    for (let pid = 1; pid <= 2_000; pid++) write(pid, statOf(pid, { user: pid, pages: 3_000 - pid }));
    const source = linuxProcesses(new SystemFiles(root));
    await source.scan();
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const { processes, leftOut } = await source.scan();
    isDone = true;
    expect([processes.length, leftOut]).toEqual([2_000, 0]);
    // 20 µs each is the least that was ever measured: a slice of 4 ms holds a few hundred.
    expect(turns).toBeGreaterThan(3);
    const told = await new Top(source).ask();
    expect(told.seen).toBe(2_000);
    expect(told.items.length).toBeLessThanOrEqual(2 * FRAME_LIMITS.topProcesses);
    expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(8_000);
  }, 30_000);
});
