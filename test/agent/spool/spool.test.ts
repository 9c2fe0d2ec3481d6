import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OffsetClock } from '../../../agent/clock.ts';
import type { Outbox } from '../../../agent/outbox.ts';
import { SeriesTable } from '../../../agent/series.ts';
import { spoolFolder, spoolState } from '../../../agent/spool/folder.ts';
import { Spool } from '../../../agent/spool/spool.ts';
import { seeded } from '../../helpers/seeded.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const MB = 1024 * 1024;
const most = { frames: 120, numbers: 60_000 };

/** A run of an agent as far as the spool sees it; what it says in the log is kept. */
function newRun(dir: string, { mostBytes = 64 * MB, owner = 'agent-1', patienceMs = 0 } = {}) {
  const said: string[] = [];
  const keep = (_: object, message: string) => void said.push(message);
  const log = { debug: keep, info: keep, warn: keep, error: keep };
  const series = new SeriesTable([
    { id: 'test.depth', title: 'Depth', unit: 'm', kind: 'gauge', rollup: 'average', attributes: ['side'] },
  ]);
  series.indexOf('test.depth', ['left']);
  const clock = new OffsetClock({ wall: Date.now(), mono: performance.now(), boot: () => performance.now() });
  const spool = new Spool({ series, clock, log, patienceMs, batchMs: 0 });
  spool.open({ dir, mostBytes, owner });
  let count = 0;
  const add = (values: (number | null)[] = [0, ++count]) =>
    spool.current.add({ at: Date.now(), mono: Math.round(performance.now()), values });
  return { spool, series, clock, said, add };
}

const fill = (run: ReturnType<typeof newRun>, frames: number, numbers = 2) => {
  for (let i = 0; i < frames; i++)
    run.add(Array.from({ length: numbers }, (_, n) => (n % 2 === 0 ? n / 2 : i + 1 / 3)));
};

/** Takes everything out as an appliance would that has everything up to `mark`; answers `5..9` for frames, `reason 5..9` for skips. */
function drain(outbox: Outbox & { stream: string }, mark = 0): string[] {
  const { stream } = outbox;
  const runs: string[] = [];
  outbox.resume({ stream, ackedSeq: mark });
  for (let next = mark + 1; ; ) {
    const outgoing = outbox.next(most);
    if (!outgoing) return runs;
    const skip = outgoing.kind === 'skip' ? outgoing.skip : undefined;
    const seqs = outgoing.kind === 'frames' ? outgoing.frames.map(({ seq }) => seq) : [];
    const [from, to] = [skip?.fromSeq ?? seqs[0] ?? 0, skip?.toSeq ?? seqs.at(-1) ?? 0];
    expect(from).toBe(next);
    if (!skip) expect(seqs).toEqual(Array.from({ length: to - from + 1 }, (_, i) => from + i));
    const last = runs.at(-1);
    const kind = skip ? `${skip.reason} ` : '';
    const joined = last !== undefined && !skip && /^\d/.test(last);
    if (joined) runs[runs.length - 1] = `${last.split('..')[0]}..${to}`;
    else runs.push(`${kind}${from}..${to}`);
    outbox.confirm({ stream, ackedSeq: to });
    next = to + 1;
  }
}

const only = <T>(list: readonly T[]): T => {
  expect(list).toHaveLength(1);
  return list[0] as T;
};
const filesIn = (dir: string) => readdirSync(dir).filter((name) => name.endsWith('.frames'));

describe('frames that the appliance does not take', () => {
  it('stay in memory as long as they are young, so that a healthy agent writes nothing', () => {
    const dir = temporaryDirectory();
    const run = newRun(dir, { patienceMs: 60_000 });
    for (let seq = 1; seq <= 1_000; seq++) {
      run.add();
      run.spool.tend();
      run.spool.current.confirm({ stream: run.spool.current.stream, ackedSeq: seq });
    }
    expect(filesIn(dir)).toEqual([]);
  });

  it('leave memory when they are on disk, and come back in order', async () => {
    const dir = temporaryDirectory();
    const run = newRun(dir);
    fill(run, 300);
    await run.spool.close();
    expect(run.spool.current.inMemory).toEqual([]);
    fill(run, 10);
    expect(run.spool.current.size).toBe(310);
    expect(drain(run.spool.current)).toEqual(['1..310']);
    expect(filesIn(dir)).toEqual([]);
    expect(run.spool.current.size).toBe(0);
  });

  it('are written with their declaration, and delivered by the next run under their own stream', async () => {
    const dir = temporaryDirectory();
    const first = newRun(dir);
    fill(first, 30);
    await first.spool.close();
    const { stream } = first.spool.current;
    const second = newRun(dir);
    expect(second.spool.current.stream).not.toBe(stream);
    const left = only(second.spool.closed);
    expect(left.outbox.stream).toBe(stream);
    expect(left.series.since(0)).toEqual(first.series.since(0));
    expect(left.series.describe(left.series.since(0))).toEqual(first.series.describe(first.series.since(0)));
    expect(drain(left.outbox, 10)).toEqual(['11..30']);
    expect(left.outbox.isDelivered).toBe(true);
    second.spool.forget(left);
    expect(filesIn(dir)).toEqual([]);
  });

  it('are counted for people', async () => {
    const state = temporaryDirectory();
    expect(spoolState(state)).toEqual({ files: 0, bytes: 0 });
    const run = newRun(spoolFolder(state));
    fill(run, 30);
    await run.spool.close();
    const [name = ''] = filesIn(spoolFolder(state));
    expect(spoolState(state)).toEqual({ files: 1, bytes: readFileSync(join(spoolFolder(state), name)).length });
  });

  it('are left out where an appliance has them already, and forgotten', async () => {
    const dir = temporaryDirectory();
    const first = newRun(dir);
    fill(first, 3);
    await first.spool.close();
    const left = only(newRun(dir).spool.closed);
    expect(drain(left.outbox, 7)).toEqual([]);
    expect(left.outbox.isDelivered).toBe(true);
    expect(filesIn(dir)).toEqual([]);
  });

  it('of an agent that was paired anew go to nobody', async () => {
    const dir = temporaryDirectory();
    const first = newRun(dir);
    fill(first, 3);
    await first.spool.close();
    const second = newRun(dir, { owner: 'agent-2' });
    expect(second.spool.closed).toEqual([]);
    expect(filesIn(dir)).toEqual([]);
  });

  it('get company: after an outage the frames of now are a stream of their own', async () => {
    const dir = temporaryDirectory();
    const run = newRun(dir);
    fill(run, 120);
    const { stream } = run.spool.current;
    run.spool.turn();
    expect(run.spool.current.stream).toBe(stream);
    fill(run, 1);
    run.spool.turn();
    fill(run, 2);
    expect(run.spool.current.stream).not.toBe(stream);
    expect(drain(run.spool.current)).toEqual(['1..2']);
    await run.spool.close();
    const left = only(run.spool.closed);
    expect(drain(left.outbox)).toEqual(['1..121']);
  });
});

describe('a full spool', () => {
  it('drops its oldest file and says so as an overflow', async () => {
    const dir = temporaryDirectory();
    const run = newRun(dir, { mostBytes: MB });
    for (let batch = 0; batch < 40; batch++) {
      fill(run, 100, 40);
      run.spool.tend();
      await run.spool.close();
      expect(filesIn(dir).reduce((sum, name) => sum + readFileSync(join(dir, name)).length, 0)).toBeLessThanOrEqual(MB);
    }
    const [gap = '', rest = ''] = drain(run.spool.current);
    const lost = Number(/^overflow 1\.\.(\d+)$/.exec(gap)?.[1]);
    expect(lost).toBeGreaterThan(100);
    expect(lost).toBeLessThan(3_000);
    expect(rest).toBe(`${lost + 1}..4000`);
  });

  it('tells an appliance restored from a backup which frames it has lost', async () => {
    const dir = temporaryDirectory();
    const run = newRun(dir);
    fill(run, 50);
    run.spool.current.confirm({ stream: run.spool.current.stream, ackedSeq: 40 });
    await run.spool.close();
    expect(drain(run.spool.current, 25)).toEqual(['appliance-restored 26..40', '41..50']);
    const again = newRun(dir, {});
    expect(again.spool.closed).toEqual([]);
  });

  it('remembers over a restart what the appliance had', async () => {
    const dir = temporaryDirectory();
    const run = newRun(dir);
    fill(run, 50);
    run.spool.current.confirm({ stream: run.spool.current.stream, ackedSeq: 40 });
    await run.spool.close();
    const left = only(newRun(dir).spool.closed);
    expect(drain(left.outbox, 25)).toEqual(['appliance-restored 26..40', '41..50']);
  });
});

describe('a damaged spool', () => {
  it('delivers the rest when a record in the middle is damaged, and names that one', async () => {
    const dir = temporaryDirectory();
    const run = newRun(dir);
    fill(run, 50);
    await run.spool.close();
    const file = join(dir, only(filesIn(dir)));
    const bytes = readFileSync(file);
    const at = bytes.indexOf(Buffer.from('[20,'));
    bytes[at + 1] = 0x33;
    writeFileSync(file, bytes);
    const left = only(newRun(dir).spool.closed);
    expect(drain(left.outbox)).toEqual(['1..19', 'damaged 20..20', '21..50']);
    expect(left.outbox.isDelivered).toBe(true);
  });

  it('delivers what is whole of a file that was cut, and goes on behind it', async () => {
    const dir = temporaryDirectory();
    const run = newRun(dir);
    fill(run, 50);
    await run.spool.close();
    const file = join(dir, only(filesIn(dir)));
    truncateSync(file, readFileSync(file).length - 3);
    const second = newRun(dir);
    fill(second, 5);
    await second.spool.close();
    const third = newRun(dir);
    expect(third.spool.closed.map(({ outbox }) => drain(outbox))).toEqual([['1..49'], ['1..5']]);
  });

  it('sets aside what is not ours and takes no harm from it', async () => {
    const dir = temporaryDirectory();
    const first = newRun(dir);
    fill(first, 5);
    await first.spool.close();
    const mine = only(filesIn(dir));
    writeFileSync(join(dir, 'notes.txt'), 'hello');
    writeFileSync(join(dir, '0000000009.stream-of-nobody.1.frames'), 'rubbish');
    writeFileSync(join(dir, '0000000008.stream-of-nobody.99999999999999999999.frames'), '');
    mkdirSync(join(dir, '0000000007.stream-of-nobody.1.frames'));
    symlinkSync('/dev/zero', join(dir, '0000000006.stream-of-nobody.1.frames'));
    const run = newRun(dir);
    expect(drain(only(run.spool.closed).outbox)).toEqual(['1..5']);
    expect(readdirSync(join(dir, 'aside'))).toHaveLength(4);
    expect(run.said.filter((text) => text.includes('not ours'))).toHaveLength(4);
    expect(filesIn(dir)).not.toContain(mine);
  });

  it('goes on in memory where the folder cannot be used, and says so', async () => {
    const dir = join(temporaryDirectory(), 'file');
    writeFileSync(dir, '');
    const run = newRun(dir);
    fill(run, 5);
    await run.spool.close();
    expect(run.said).toContain('the spool folder cannot be used; frames are kept in memory only');
    expect(drain(run.spool.current)).toEqual(['1..5']);
  });
});

describe.runIf(process.getuid?.() === 0)('a full disk', () => {
  it('costs no frame: they stay in memory, it is said once, and written when there is room', async () => {
    const dir = temporaryDirectory();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', dir]);
    onTestFinished(() => void execFileSync('umount', ['-l', dir]));
    const run = newRun(dir);
    fill(run, 20);
    await run.spool.close();
    writeFileSync(join(dir, 'aside'), Buffer.alloc(240 * 1024));
    for (let round = 0; round < 3; round++) {
      fill(run, 200, 20);
      await run.spool.close();
    }
    expect(run.said.filter((text) => text.includes('cannot be written'))).toHaveLength(1);
    expect(run.spool.current.inMemory.length).toBe(600);
    truncateSync(join(dir, 'aside'));
    await run.spool.close();
    expect(run.said).toContain('frames that wait are written to disk again');
    const left = only(newRun(dir).spool.closed);
    expect(drain(left.outbox)).toEqual(['1..620']);
  });
});

describe('an agent whose appliance, network and process fail at random', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('delivers every frame once and in order, or names it (seed %i)', async (seed) => {
    const random = seeded(seed);
    const dir = temporaryDirectory();
    /** The appliance: durable mark of each stream, and each number of what came. */
    const marks = new Map<string, number>();
    const came = new Map<string, number[]>();
    const lost: string[] = [];
    let run = newRun(dir);
    const expected = new Map<string, { added: number; written: number }>();
    const state = () => {
      const { stream } = run.spool.current;
      const known = expected.get(stream) ?? { added: 0, written: 0 };
      expected.set(stream, known);
      return known;
    };
    const deliver = (outbox: Outbox & { stream: string }, steps: number) => {
      const { stream } = outbox;
      outbox.resume({ stream, ackedSeq: marks.get(stream) ?? 0 });
      for (let step = 0; step < steps; step++) {
        const outgoing = outbox.next({ frames: 1 + Math.floor(random() * 40), numbers: 60_000 });
        if (!outgoing) return;
        if (random() < 0.1) return; // lost on its way
        const mark = marks.get(stream) ?? 0;
        if (outgoing.kind === 'skip') {
          lost.push(`${stream} ${outgoing.skip.reason}`);
          expect(outgoing.skip.fromSeq).toBeLessThanOrEqual(mark + 1);
          marks.set(stream, Math.max(mark, outgoing.skip.toSeq));
        } else {
          for (const { seq, values } of outgoing.frames) {
            expect(seq).toBe((marks.get(stream) ?? 0) + 1);
            expect(values[1]).toBe(seq);
            marks.set(stream, seq);
            came.set(stream, [...(came.get(stream) ?? []), seq]);
          }
        }
        if (random() < 0.1) return; // the acknowledgement is lost
        outbox.confirm({ stream, ackedSeq: marks.get(stream) ?? 0 });
      }
    };
    const finish = () => {
      for (const closed of run.spool.closed) if (closed.outbox.isDelivered) run.spool.forget(closed);
    };
    for (let step = 0; step < 400; step++) {
      const dice = random();
      if (dice < 0.5) {
        const frames = 1 + Math.floor(random() * 30);
        const now = state();
        for (let i = 0; i < frames; i++) {
          now.added++;
          run.spool.current.add({ at: step, mono: step, values: [0, now.added] });
        }
      } else if (dice < 0.65) {
        await run.spool.close();
        state().written = state().added;
      } else if (dice < 0.85) {
        run.spool.turn();
        const [oldest] = run.spool.closed;
        if (random() < 0.7) deliver(run.spool.current, 5);
        if (oldest) deliver(oldest.outbox, 8);
        finish();
      } else if (dice < 0.93) {
        run = newRun(dir); // kill -9
      } else {
        await run.spool.close();
        state().written = state().added;
        run = newRun(dir);
      }
    }
    await run.spool.close();
    state().written = state().added;
    run = newRun(dir);
    for (let round = 0; round < 500 && run.spool.closed.length > 0; round++) {
      const [oldest] = run.spool.closed;
      if (oldest) deliver(oldest.outbox, 1_000);
      finish();
    }
    expect(run.spool.closed).toEqual([]);
    expect(lost).toEqual([]);
    for (const [stream, { written }] of expected) {
      const seqs = came.get(stream) ?? [];
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1));
      expect(seqs.length).toBeGreaterThanOrEqual(written);
    }
    expect(filesIn(dir)).toEqual([]);
  });
});
