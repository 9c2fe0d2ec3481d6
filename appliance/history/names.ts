import { deflateRawSync } from 'node:zlib';
import type { Dictionary } from './dictionary.ts';

/** Names of the columns, so that a chunk can be read when everything else is lost. */
export function namesOf(hostId: string, ids: readonly number[], dictionary: Dictionary): Uint8Array {
  const named = ids.map((id) => {
    const series = dictionary.get(hostId, id);
    return [id, series?.metric ?? `unknown.${id}`, series?.attributes ?? {}];
  });
  return deflateRawSync(JSON.stringify(named), { level: 9 });
}
