import type { Ack, Skip } from '../protocol/agent-link.ts';
import type { Frame } from '../protocol/frames.ts';

/** The next thing to tell the appliance: frames in order, or that some are gone. */
export type Outgoing = { kind: 'frames'; frames: Frame[] } | { kind: 'skip'; skip: Skip };

/**
 * Keeps frames until the appliance has them for good. The link hands them on from a cursor: `next` moves it forward, `resume` sets
 * it back to what the appliance has.
 */
export interface Outbox {
  /** Numbers a reading and keeps it. When there is no room the oldest frames go, and are reported as skipped. */
  add(reading: { at: number; mono: number; values: (number | null)[] }): void;
  /** What follows the cursor, at most so many frames and numbers in them; undefined when there is nothing. */
  next(most: { frames: number; numbers: number }): Outgoing | undefined;
  /** Frames up to `ackedSeq` are safe, forgotten, and never handed on again. */
  confirm(ack: Ack): void;
  /** A connection begins: the appliance has everything up to `ackedSeq` and wants what comes behind it. */
  resume(ack: Ack): void;
  /** Frames that are kept. */
  readonly size: number;
}
