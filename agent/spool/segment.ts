import * as z from 'zod/mini';
import type { Frame } from '../../protocol/frames.ts';
import type { DescriptorInput } from '../collectors/collector.ts';
import type { DeclaredSeries } from '../series.ts';
import { encodeRecord, scanRecords } from './records.ts';

/** What has to be known to deliver the frames of a stream when its process is gone. */
export interface StreamNote {
  /** Agent id that the frames belong to: another appliance must not get them. */
  owner: string;
  /** Names the boot; empty where the system has no such name. */
  boot: string;
  /** What the appliance had acknowledged, and the agent had forgotten. */
  ackedSeq: number;
  /** Measured offset to the appliance, ms; null when it was never measured. */
  offsetMs: number | null;
  /** Wall clock minus time since boot, ms. */
  wallAheadMs: number;
  /** How the wall clock was set in this process, by the monotonic clock of the process. */
  steps: readonly { mono: number; byMs: number }[];
  series: readonly DeclaredSeries[];
  descriptors: readonly DescriptorInput[];
}

const finite = z.number();
const note = z.object({
  owner: z.string(),
  boot: z.string(),
  ackedSeq: z.number().check(z.nonnegative()),
  offsetMs: z.nullable(finite),
  wallAheadMs: finite,
  steps: z.array(z.object({ mono: finite, byMs: finite })),
  series: z.array(z.object({ ix: finite, metric: z.string(), attributes: z.record(z.string(), z.string()) })),
  descriptors: z.array(z.looseObject({ id: z.string() })),
});

const isNumbers = (list: unknown): list is [number, number, number, ...(number | null)[]] =>
  Array.isArray(list) &&
  list.length >= 3 &&
  list.every((each, i) => typeof each === 'number' || (i > 2 && each === null));

/** A frame as one record: `[seq, at, mono, ix, value, …]`. */
export const encodeFrame = ({ seq, at, mono, values }: Frame): Buffer =>
  encodeRecord(JSON.stringify([seq, at, mono, ...values]));

export const encodeNote = (said: StreamNote): Buffer => encodeRecord(JSON.stringify(said));

export interface Decoded {
  /** In rising order; a number that is missing was damaged, or lies elsewhere. */
  frames: Frame[];
  /** The newest note that is whole. */
  note: StreamNote | undefined;
  /** First number that may be lost at each damaged place. */
  damagedFrom: number[];
}

/** Reads a segment of `stream` that begins with `firstSeq`. What is damaged is left out and named. Never throws. */
export function decodeSegment(bytes: Buffer, { stream, firstSeq }: { stream: string; firstSeq: number }): Decoded {
  const decoded: Decoded = { frames: [], note: undefined, damagedFrom: [] };
  let next = firstSeq;
  for (const found of scanRecords(bytes)) {
    const said = found.kind === 'text' ? parsed(found.text) : undefined;
    if (isNumbers(said)) {
      const [seq, at, mono, ...values] = said;
      if (seq < next || values.length % 2 !== 0) continue;
      decoded.frames.push({ stream, seq, at, mono, values });
      next = seq + 1;
      continue;
    }
    const meant = note.safeParse(said);
    // Loose in the schema, because the appliance judges descriptors; they were written by this program.
    if (meant.success) decoded.note = meant.data as unknown as StreamNote;
    else decoded.damagedFrom.push(next);
  }
  return decoded;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
