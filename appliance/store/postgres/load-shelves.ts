import type { Shelf } from '../catalogue.ts';
import type { Tier } from '../history-engine.ts';
import type { Query } from './database.ts';

type Found = {
  id: string;
  tier: Tier;
  lane: string;
  starts_at: number;
  span_ms: number;
  through: number;
  is_whole: boolean;
  bytes: number;
  first: number;
  last: number;
  index: string;
};

/** The index is put together by the server, in the form in which it stays in memory: see `catalogue.ts`. */
const EVERYTHING = `
select p.id, p.tier, p.lane, p.starts_at, p.span_ms, p.through, p.is_whole,
  coalesce(sum(octet_length(c.body)), 0)::bigint as bytes,
  coalesce(min(c.first_at), ${Number.MAX_SAFE_INTEGER}) as first,
  coalesce(max(c.last_at), 0) as last,
  coalesce(string_agg(
    concat_ws(',', c.host_id, c.first_at, c.last_at, c.rows, c.interval_ms, c.number, octet_length(c.body)),
    ';' order by c.number) filter (where c.number is not null), '') as index
from reeve.partitions p left join reeve.chunks c on c.partition = p.id
where p.is_placed group by p.id order by p.starts_at, p.through, p.id`;

/** Every partition that counts, with what lies in it. Fails with `StorageError`. */
export async function loadShelves(read: Query): Promise<Shelf[]> {
  const found = await read<Found>(EVERYTHING);
  return found.map(({ starts_at, span_ms, is_whole, ...same }) => ({
    ...same,
    from: starts_at,
    spanMs: span_ms,
    ...(is_whole && { isWhole: is_whole }),
  }));
}
