import { inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { HistoryEngine, StoreLog } from '../store/history-engine.ts';
import type { Dictionary } from './dictionary.ts';
import { TIERS } from './tiers/tiers.ts';

const names = z.array(z.tuple([z.number().int().min(1), z.string(), z.record(z.string(), z.string())]));

/** Takes the names of series from the chunks themselves, because records were lost or damaged. */
export async function relearnNames(engine: HistoryEngine, dictionary: Dictionary, log: StoreLog): Promise<void> {
  let learnt = 0;
  for (const { hostId, read } of chunksOf(engine)) {
    const chunk = await read();
    const missing = chunk?.seriesIds.some((id) => !dictionary.get(hostId, id));
    if (!chunk || !missing) continue;
    const { data } = names.safeParse(JSON.parse(inflateRawSync(chunk.names()).toString()));
    for (const [id, metric, attributes] of data ?? []) {
      if (!dictionary.get(hostId, id)) learnt += 1;
      dictionary.learn(hostId, { id, metric, attributes });
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
