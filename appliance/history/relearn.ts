import type { HistoryEngine, StoreLog } from '../store/history-engine.ts';
import type { Dictionary } from './dictionary.ts';
import { readNames } from './names.ts';
import { TIERS } from './tiers/tiers.ts';

/** Takes the names of series from the chunks themselves, because records were lost or damaged. */
export async function relearnNames(engine: HistoryEngine, dictionary: Dictionary, log: StoreLog): Promise<void> {
  let learnt = 0;
  for (const { hostId, read } of chunksOf(engine)) {
    const chunk = await read();
    const missing = chunk?.seriesIds.some((id) => !dictionary.get(hostId, id));
    if (!chunk || !missing) continue;
    for (const series of readNames(chunk.names())) {
      if (!dictionary.get(hostId, series.id)) learnt += 1;
      dictionary.learn(hostId, series);
    }
  }
  if (learnt > 0) log.warn({ series: learnt }, 'Names of series were taken from the chunks, because records are lost');
}

function* chunksOf({ chunks }: HistoryEngine) {
  for (const hostId of chunks.hosts()) {
    const found = TIERS.flatMap((tier) => chunks.find({ tier, hostId, from: 0, to: Number.MAX_SAFE_INTEGER }));
    for (const ref of found) yield { hostId, read: () => chunks.read(ref) };
  }
}
