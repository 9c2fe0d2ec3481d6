import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeCommit, KnownSources, type Source } from '../../../../appliance/history/log/commit.ts';
import { LaneLog } from '../../../../appliance/history/log/lane-log.ts';
import type { Commit, CommitLog } from '../../../../appliance/store/history-engine.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A log in memory that can refuse, and a writer on it. */
function bench(next = 1) {
  const commits: Commit[] = [];
  const segments: number[] = [];
  const state = { refuses: false, failures: 0, durable: 0 };
  const files: CommitLog = {
    replay: () => {
      throw new Error('not asked for here');
    },
    async append(commit) {
      if (state.refuses) throw new Error('no space');
      commits.push(commit);
    },
    async rotate() {
      segments.push(commits.length);
    },
    dropThrough: async () => undefined,
  };
  const log = new LaneLog({
    log: files,
    next,
    onDurable: ({ frames }) => {
      state.durable += frames.length;
    },
    onFailure: () => {
      state.failures += 1;
    },
  });
  const source = (ix: number, intervalMs = 5_000): Source => ({
    ix,
    hostId: `host-${ix}`,
    stream: `stream-${ix}`,
    intervalMs,
    series: [{ id: 1, metric: 'a', attributes: {} }],
  });
  const frame = (from: Source, seq: number) => ({ source: from, seq, at: 1_000 * seq, offsetMs: 0, values: [seq] });
  return { log, commits, segments, state, source, frame };
}

describe('a group commit', () => {
  test('waits for every stream whose frame is due, and no longer', async () => {
    const { log, commits, source, frame } = bench();
    const [a, b] = [source(1), source(2)];
    void log.addFrame(frame(a, 1), 2_500);
    void log.addFrame(frame(b, 1), 2_500);
    await vi.advanceTimersByTimeAsync(5_000);
    const before = commits.length;
    void log.addFrame(frame(a, 2), 2_500);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(commits.length).toBe(before);
    void log.addFrame(frame(b, 2), 2_500);
    await vi.advanceTimersByTimeAsync(0);
    expect(commits.length).toBe(before + 1);
  });

  test('does not wait beyond its time for one that does not come', async () => {
    const { log, commits, source, frame } = bench();
    const [a, b] = [source(1), source(2)];
    void log.addFrame(frame(a, 1), 2_500);
    void log.addFrame(frame(b, 1), 2_500);
    await vi.advanceTimersByTimeAsync(5_000);
    const before = commits.length;
    void log.addFrame(frame(a, 2), 2_500);
    await vi.advanceTimersByTimeAsync(2_499);
    expect(commits.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(commits.length).toBe(before + 1);
  });

  test('does not wait for a stream that is not due, nor for one that has been silent', async () => {
    const { log, commits, source, frame } = bench();
    void log.addFrame(frame(source(2), 1), 2_500);
    await vi.advanceTimersByTimeAsync(1_000);
    void log.addFrame(frame(source(1), 1), 2_500);
    await vi.advanceTimersByTimeAsync(0);
    expect(commits.length).toBe(2);
    await vi.advanceTimersByTimeAsync(20_000);
    void log.addFrame(frame(source(1), 2), 2_500);
    await vi.advanceTimersByTimeAsync(0);
    expect(commits.length).toBe(3);
  });
});

describe('after a failure', () => {
  test('the same frames go into a commit of the same number, and later ones into the next', async () => {
    const { log, commits, state, source, frame } = bench(7);
    const from = source(1);
    state.refuses = true;
    const first = log.addFrame(frame(from, 1), 0);
    first.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(0);
    await expect(first).rejects.toThrow('no space');
    const second = log.addFrame(frame(from, 2), 0);
    second.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    await expect(second).rejects.toThrow('no space');
    state.refuses = false;
    await vi.advanceTimersByTimeAsync(1_500);
    const known = new KnownSources();
    const read = commits.map(({ number, payload }) => [
      number,
      decodeCommit(payload, known).frames.map(({ seq }) => seq),
    ]);
    expect(read).toEqual([
      [7, [1]],
      [8, [2]],
    ]);
    expect(state.durable).toBe(2);
  });
});

test('what was cut off has lower numbers than what comes later', async () => {
  const { log, commits, source, frame } = bench();
  const from = source(1);
  void log.addFrame(frame(from, 1), 2_500);
  const through = log.cut();
  void log.addFrame(frame(from, 2), 2_500);
  await log.flush();
  const known = new KnownSources();
  for (const { number, payload } of commits) {
    const [{ seq } = { seq: 0 }] = decodeCommit(payload, known).frames;
    expect(number <= through).toBe(seq === 1);
  }
  expect(log.cut()).toBe(2);
});

test('each segment can be read without the ones before it, and with one damaged commit', async () => {
  const { log, commits, segments, source, frame } = bench();
  const sources = Array.from({ length: 400 }, (_, ix) => source(ix));
  for (let seq = 1; seq <= 500; seq++) {
    for (const from of sources) void log.addFrame({ ...frame(from, seq), values: [Math.random()] }, 5);
    await vi.advanceTimersByTimeAsync(5);
  }
  expect(segments.length).toBeGreaterThan(1);
  const [begin = 0, end] = segments;
  for (const left of [begin, begin + 1]) {
    const known = new KnownSources();
    for (const { payload } of commits.slice(begin, end).filter((_, n) => begin + n !== left)) {
      expect(decodeCommit(payload, known).nameless).toBe(0);
    }
  }
}, 20_000);
