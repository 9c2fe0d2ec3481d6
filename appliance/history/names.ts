import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { LiveSeries } from '../../protocol/live.ts';
import type { Dictionary } from './dictionary.ts';

/** Names of the columns, so that a chunk can be read when everything else is lost. */
export function namesOf(hostId: string, ids: readonly number[], dictionary: Dictionary): Uint8Array {
  const named = ids.map((id) => {
    const series = dictionary.get(hostId, id);
    return [id, series?.metric ?? `unknown.${id}`, series?.attributes ?? {}];
  });
  return deflateRawSync(JSON.stringify(named), { level: 9 });
}

const names = z.array(z.tuple([z.number().int().min(1), z.string(), z.record(z.string(), z.string())]));

/** What `namesOf` wrote. Fails when the bytes are something else. */
export function readNames(bytes: Uint8Array): LiveSeries[] {
  const found = names.parse(JSON.parse(inflateRawSync(bytes).toString()));
  return found.map(([id, metric, attributes]) => ({ id, metric, attributes }));
}
