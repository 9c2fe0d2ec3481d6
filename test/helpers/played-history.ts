import { binaryAnswer } from '../../appliance/history/formats/binary.ts';
import { Slices } from '../../appliance/history/slices.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { HistoryHead } from '../../protocol/routes/history.ts';

interface Asked {
  hosts?: string;
  from?: string;
  to?: string;
  metrics?: string;
}

/** An answer of history in its binary form: a wave for each series that was asked for, with a hole in it and a stretch that came late. */
export async function playedHistory(known: readonly LiveSeries[], asked: Asked): Promise<Buffer> {
  const { hosts = '', from = '0', to = '0', metrics = '' } = asked;
  const [first, last] = [Number(from), Number(to)];
  const stepMs = Math.max(5_000, Math.ceil((last - first) / 100));
  const steps = Math.max(1, Math.floor((last - first) / stepMs));
  const average = Float64Array.from({ length: steps }, (_, i) => (i === 40 ? Number.NaN : 0.2 + 0.1 * Math.sin(i / 7)));
  const hole = { from: first + 40 * stepMs, to: first + 41 * stepMs };
  const head: HistoryHead = {
    from: first,
    to: last,
    first,
    stepMs,
    steps,
    resolution: stepMs > 5_000 ? '1m' : 'raw',
    columns: ['average', 'min', 'max'],
    hosts: [
      {
        id: hosts,
        name: '',
        resolution: 'raw',
        intervalMs: 5_000,
        gaps: [{ ...hole, reason: 'lost on the agent' }],
        late: [{ from: first + 60 * stepMs, to: first + 70 * stepMs }],
      },
    ],
    unmatched: [],
  };
  const wanted = new Set(metrics.split(','));
  const series = known
    .filter(({ metric }) => wanted.has(metric))
    .map((each) => ({
      head: { hostId: hosts, ...each },
      columns: [average, average.map((value) => value - 0.1), average.map((value) => value + 0.3)],
    }));
  const pieces: Uint8Array[] = [];
  for await (const piece of binaryAnswer({ head, series, slices: new Slices() }).pieces) pieces.push(piece);
  return Buffer.concat(pieces);
}
