import { z } from 'zod';

/** Query fields of every list. `cursor` is what the page before gave as `next`. */
export const pageQuery = {
  cursor: z.string().max(200).optional().meta({ title: 'Where the page before ended' }),
  limit: z.coerce.number().int().min(1).max(1_000).default(200).meta({ title: 'Most items in the answer' }),
};

/** Answer of a list: one page of it, and where the next begins; no `next` = this was the last. */
export const paged = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().exactOptional() });

export interface Page<T> {
  items: T[];
  next?: string;
}
