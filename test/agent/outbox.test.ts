import { describe, expect, it } from 'vitest';
import type { Outgoing } from '../../agent/outbox.ts';
import { SpooledStream } from '../../agent/spool/spooled-stream.ts';

const stream = 'stream-1';
const most = { frames: 120, numbers: 10_000 };
const reading = (at: number, numbers = 2) => ({ at, mono: at, values: Array.from({ length: numbers }, () => 1) });

function filled(count: number, options: { mostNumbers?: number } = {}) {
  const outbox = new SpooledStream({ stream, ...options });
  for (let at = 1; at <= count; at++) outbox.add(reading(at));
  return outbox;
}
const seqs = (out: Outgoing | undefined) => (out?.kind === 'frames' ? out.frames.map(({ seq }) => seq) : out?.skip);

describe('the outbox', () => {
  it('hands frames on in order, each once, and keeps them until they are acknowledged', () => {
    const outbox = filled(3);
    expect(seqs(outbox.next({ frames: 2, numbers: 100 }))).toEqual([1, 2]);
    expect(seqs(outbox.next(most))).toEqual([3]);
    expect(outbox.next(most)).toBeUndefined();
    expect(outbox.size).toBe(3);
    outbox.confirm({ stream, ackedSeq: 2 });
    expect(outbox.size).toBe(1);
    outbox.add(reading(4));
    expect(seqs(outbox.next(most))).toEqual([4]);
  });

  it('goes on behind what the appliance has after a new connection', () => {
    const outbox = filled(5);
    outbox.next(most);
    outbox.resume({ stream, ackedSeq: 2 });
    expect(seqs(outbox.next(most))).toEqual([3, 4, 5]);
    outbox.resume({ stream, ackedSeq: 2 });
    expect(seqs(outbox.next(most))).toEqual([3, 4, 5]);
  });

  it('does not take what a late acknowledgement covers for a gap', () => {
    const outbox = filled(5);
    outbox.next(most);
    outbox.resume({ stream, ackedSeq: 1 });
    outbox.confirm({ stream, ackedSeq: 4 });
    expect(seqs(outbox.next(most))).toEqual([5]);
  });

  it('drops the oldest when it is full, and reports them as overflow before the rest', () => {
    const outbox = filled(10, { mostNumbers: 8 });
    expect(outbox.size).toBe(4);
    expect(seqs(outbox.next(most))).toEqual({ stream, fromSeq: 1, toSeq: 6, reason: 'overflow' });
    expect(seqs(outbox.next(most))).toEqual([7, 8, 9, 10]);
    expect(outbox.next(most)).toBeUndefined();
  });

  it('drops frames that were sent but never acknowledged too, and says so', () => {
    const outbox = filled(4, { mostNumbers: 8 });
    outbox.next(most);
    outbox.add(reading(5));
    outbox.resume({ stream, ackedSeq: 0 });
    expect(seqs(outbox.next(most))).toEqual({ stream, fromSeq: 1, toSeq: 1, reason: 'overflow' });
    expect(seqs(outbox.next(most))).toEqual([2, 3, 4, 5]);
  });

  it('tells an appliance that was restored from a backup which frames it has lost, apart from an overflow', () => {
    const outbox = filled(4, { mostNumbers: 8 });
    outbox.next(most);
    outbox.confirm({ stream, ackedSeq: 3 });
    for (let at = 5; at <= 9; at++) outbox.add(reading(at));
    outbox.resume({ stream, ackedSeq: 1 });
    expect(seqs(outbox.next(most))).toEqual({ stream, fromSeq: 2, toSeq: 3, reason: 'appliance-restored' });
    expect(seqs(outbox.next(most))).toEqual({ stream, fromSeq: 4, toSeq: 5, reason: 'overflow' });
    expect(seqs(outbox.next(most))).toEqual([6, 7, 8, 9]);
  });

  it('keeps the newest frame even when it alone is larger than the room', () => {
    const outbox = new SpooledStream({ stream, mostNumbers: 4 });
    outbox.add(reading(1, 10));
    outbox.add(reading(2, 10));
    expect(outbox.size).toBe(1);
    outbox.next(most);
    expect(seqs(outbox.next({ frames: 120, numbers: 1 }))).toEqual([2]);
  });

  it('splits by the count of numbers as well', () => {
    expect(seqs(filled(5).next({ frames: 120, numbers: 5 }))).toEqual([1, 2]);
  });

  it('goes on behind an appliance that claims more than was ever sent', () => {
    const outbox = filled(3);
    outbox.resume({ stream, ackedSeq: 50 });
    expect(outbox.next(most)).toBeUndefined();
    outbox.add(reading(4));
    expect(seqs(outbox.next(most))).toEqual([51]);
  });

  it('ignores what is said about other streams', () => {
    const outbox = filled(2);
    outbox.confirm({ stream: 'stream-2', ackedSeq: 2 });
    outbox.resume({ stream: 'stream-2', ackedSeq: 2 });
    expect(seqs(outbox.next(most))).toEqual([1, 2]);
  });

  it('holds 8 hours of 40 values at 5 s', () => {
    const outbox = new SpooledStream({ stream });
    for (let at = 1; at <= 8 * 720; at++) outbox.add(reading(at, 80));
    expect(outbox.size).toBe(8 * 720);
    outbox.confirm({ stream, ackedSeq: 8 * 720 });
    expect(outbox.size).toBe(0);
  });
});
