import { describe, expect, it } from 'vitest';
import { decodeSegment, encodeFrame, encodeNote, type StreamNote } from '../../../agent/spool/segment.ts';
import { seeded } from '../../helpers/seeded.ts';

const stream = 'stream-of-a-test';
const note: StreamNote = {
  owner: 'agent-1',
  boot: 'boot',
  ackedSeq: 4,
  offsetMs: null,
  wallAheadMs: 1_700_000_000_000,
  steps: [{ mono: 12, byMs: 3_600_000 }],
  series: [{ ix: 0, metric: 'test.depth', attributes: { side: 'left ÿ 雪' } }],
  descriptors: [
    { id: 'test.depth', title: 'Depth', unit: 'm', kind: 'gauge', rollup: 'average', attributes: ['side'] },
  ],
};
const frameOf = (seq: number) => ({
  stream,
  seq,
  at: 1_700_000_000_000 + seq,
  mono: seq * 1_000,
  values: [0, seq / 3, 1, null],
});
const frames = Array.from({ length: 20 }, (_, i) => frameOf(i + 5));
const records = [encodeNote(note), ...frames.map(encodeFrame)];
const whole = Buffer.concat(records);
const decode = (bytes: Buffer) => decodeSegment(bytes, { stream, firstSeq: 5 });

describe('a segment of frames', () => {
  it('gives back its note and frames as they were', () => {
    expect(decode(whole)).toEqual({ note, frames, damagedFrom: [] });
  });

  it('loses its last frame and no other when it is cut at any byte of it', () => {
    const lastStart = whole.length - (records.at(-1)?.length ?? 0);
    for (let length = lastStart; length < whole.length; length++) {
      const { frames: left, note: said } = decode(whole.subarray(0, length));
      expect(left).toEqual(frames.slice(0, -1));
      expect(said).toEqual(note);
    }
  });

  it('loses at most one record by one flipped bit, gives no wrong frame, and names the place: 200 flips', () => {
    const random = seeded(7);
    for (let flip = 0; flip < 200; flip++) {
      const bytes = Buffer.from(whole);
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      const { frames: left, note: said, damagedFrom } = decode(bytes);
      expect(left.length + (said ? 1 : 0)).toBe(frames.length);
      for (const frame of left) expect(frame).toEqual(frameOf(frame.seq));
      const missing = frames.find(({ seq }) => !left.some((frame) => frame.seq === seq));
      expect(damagedFrom).toEqual([missing?.seq ?? 5]);
    }
  });

  it('is read without failing when it is rubbish, empty, or holds whole records of another meaning', () => {
    const random = seeded(8);
    const rubbish = Buffer.from(Array.from({ length: 5_000 }, () => Math.floor(random() * 256)));
    expect(decode(rubbish)).toEqual({ frames: [], note: undefined, damagedFrom: [5] });
    expect(decode(Buffer.alloc(0))).toEqual({ frames: [], note: undefined, damagedFrom: [] });
    expect(decode(encodeNote({ ...note, owner: 7 as unknown as string }))).toMatchObject({ note: undefined });
    expect(decode(encodeFrame({ ...frameOf(6), values: [1, 'x' as unknown as number] })).frames).toEqual([]);
    expect(decode(encodeFrame({ ...frameOf(6), values: [1] })).frames).toEqual([]);
  });

  it('never gives a number twice or backwards', () => {
    const doubled = Buffer.concat([encodeNote(note), ...[5, 6, 6, 5, 7].map(frameOf).map(encodeFrame)]);
    expect(decode(doubled).frames.map(({ seq }) => seq)).toEqual([5, 6, 7]);
  });
});
