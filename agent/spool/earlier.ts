import type { OffsetClock } from '../clock.ts';
import type { AgentLog } from '../log.ts';
import type { DeclaringSeries, FrameClock } from '../sender.ts';
import { bootClock, offsetOfOld } from './old-clock.ts';
import type { Ring } from './ring.ts';
import type { StreamNote } from './segment.ts';
import { SpooledStream } from './spooled-stream.ts';

/** A stream with what its delivery needs. */
export interface EarlierStream {
  outbox: SpooledStream;
  series: DeclaringSeries;
  clock: FrameClock;
}

export interface EarlierOptions {
  ring: Ring;
  /** Agent id; what was read for another is removed. */
  owner: string;
  log: AgentLog;
  /** The clock of this run, for what an earlier one could not measure. */
  clock: OffsetClock;
}

/** The streams that earlier runs left in the ring, in the order in which they began. */
export function earlierStreams({ ring, owner, log, clock }: EarlierOptions): EarlierStream[] {
  return ring.streams.flatMap((stream) => {
    const note = newestNote(ring, stream);
    if (note?.owner !== owner) {
      const reason = note ? 'they were read for another pairing' : 'it is damaged which series they belong to';
      log.warn({ stream, reason }, 'frames of an earlier run cannot be delivered');
      for (const segment of ring.of(stream)) ring.remove(segment);
      return [];
    }
    const outbox = SpooledStream.left({ stream, ring, ackedSeq: note.ackedSeq });
    log.info({ stream, bytes: bytesOf(ring, stream) }, 'frames of an earlier run wait for the appliance');
    return [{ outbox, series: seriesOf(note), clock: { offsetFor: (frame) => offsetNow(note, frame, clock) } }];
  });
}

/** Each file has a note of its own, and an index means the same in all of them: the newest says everything. */
function newestNote(ring: Ring, stream: string): StreamNote | undefined {
  for (const segment of ring.of(stream).reverse()) {
    const { note } = ring.read(segment);
    if (note) return note;
  }
  return undefined;
}

const bytesOf = (ring: Ring, stream: string): number => ring.of(stream).reduce((sum, { bytes }) => sum + bytes, 0);

const seriesOf = ({ series, descriptors }: StreamNote): DeclaringSeries => ({
  size: series.length,
  since: (from) => series.slice(from),
  describe: (some) => {
    const ids = new Set(some.map(({ metric }) => metric));
    return descriptors.filter(({ id }) => ids.has(id));
  },
});

const offsetNow = (note: StreamNote, frame: { mono: number }, clock: OffsetClock): number =>
  offsetOfOld(note, frame, { ...bootClock(), offsetMs: clock.offsetMs });
