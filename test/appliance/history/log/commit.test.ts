import { describe, expect, test } from 'vitest';
import {
  type CommitContent,
  decodeCommit,
  encodeCommit,
  KnownSources,
  type Source,
} from '../../../../appliance/history/log/commit.ts';

const series = [
  { id: 1, metric: 'system.cpu.utilization', attributes: {} },
  { id: 7, metric: 'a.b', attributes: { mode: 'ü\u2028"', 'x.y': '' } },
];
const source = (ix: number): Source => ({ ix, hostId: `host-${ix}`, stream: `agent/${ix}`, intervalMs: 5_000, series });
const first = source(1);
const skip = { hostId: 'host-1', stream: 'agent/1', fromSeq: 2, toSeq: 2 ** 53 - 1, reason: 'overflow', afterAt: 0 };
const odd = [0, -1, 0.5, 1e-5, 1e-6, 123_456.789, 2 ** 53, -(2 ** 48), 2 ** 48, 1 / 3, 5e-324, -1e300];

const content: CommitContent = {
  epoch: 12,
  declared: [first],
  skips: [skip],
  frames: odd.map((value, n) => ({
    source: first,
    seq: n + 1,
    at: 1_763_683_200_000 + (n % 3) * 1_000 - n,
    offsetMs: -n,
    late: n % 3 === 0,
    values: [value, null],
  })),
};

describe('a commit', () => {
  test('comes back as it was: sources, losses, frames, every double', () => {
    const read = decodeCommit(encodeCommit(content), new KnownSources());
    expect(read.declared).toEqual([first]);
    expect(read.skips).toEqual([skip]);
    expect(read.nameless).toBe(0);
    const frames = content.frames.map((frame) => ({
      ...frame,
      offsetMs: frame.offsetMs + 0,
      values: [frame.values[0], Number.NaN],
    }));
    expect(read.frames.map((frame) => ({ ...frame, offsetMs: frame.offsetMs + 0 }))).toEqual(frames);
  });

  test('names sources of an earlier commit of its epoch by their number', () => {
    const known = new KnownSources();
    decodeCommit(encodeCommit(content), known);
    const later = decodeCommit(encodeCommit({ ...content, declared: [] }), known);
    expect(later.frames).toHaveLength(odd.length);
    expect(later.frames[0]?.source).toEqual(first);
  });

  test('of another epoch never takes a source for one with the same number', () => {
    const known = new KnownSources();
    decodeCommit(encodeCommit(content), known);
    const later = decodeCommit(encodeCommit({ ...content, epoch: 13, declared: [] }), known);
    expect(later).toMatchObject({ frames: [], nameless: odd.length });
  });

  test('that names its sources anew gives the same ones, and others where anything is different', () => {
    const known = new KnownSources();
    const [before] = decodeCommit(encodeCommit(content), known).declared;
    const [same] = decodeCommit(encodeCommit({ ...content, epoch: 13 }), known).declared;
    expect(same).toBe(before);
    const changed = { ...first, intervalMs: first.intervalMs + 1 };
    const [other] = decodeCommit(
      encodeCommit({ ...content, epoch: 14, declared: [changed], frames: [] }),
      known,
    ).declared;
    expect(other).toEqual(changed);
    const longer = { ...first, series: [...first.series, { id: 99, metric: 'more', attributes: {} }] };
    const [third] = decodeCommit(
      encodeCommit({ ...content, epoch: 15, declared: [longer], frames: [] }),
      known,
    ).declared;
    expect(third).toEqual(longer);
  });

  test('that is damaged fails, and neither hangs nor takes the memory', () => {
    const good = encodeCommit(content);
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice();
      bad[at] = (bad[at] ?? 0) ^ 0x55;
      try {
        decodeCommit(bad, new KnownSources());
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
    expect(() => decodeCommit(good.slice(0, good.length / 2), new KnownSources())).toThrow();
    expect(() => decodeCommit(new Uint8Array(0), new KnownSources())).toThrow();
  });
});
