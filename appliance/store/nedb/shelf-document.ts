import { z } from 'zod';
import type { Shelf } from '../catalogue.ts';
import type { Stored } from './inside.ts';

const shelf = z.object({
  id: z.string(),
  tier: z.enum(['raw', '1m', '5m', '1h']),
  lane: z.string(),
  from: z.number(),
  spanMs: z.number(),
  through: z.number(),
  isWhole: z.boolean().exactOptional(),
  bytes: z.number(),
  first: z.number(),
  last: z.number(),
  index: z.string(),
});

export const shelfToDocument = ({ id, ...fields }: Shelf): Stored => ({ _id: id, ...fields });

export function documentToShelf({ _id, ...fields }: Stored): Shelf | undefined {
  return shelf.safeParse({ ...fields, id: _id }).data;
}
