import { z } from 'zod';
import { instant, streamId } from './identity.ts';
import { FRAME_LIMITS } from './limits.ts';
import { attributes, metricId } from './metrics.ts';

export { FRAME_LIMITS };

/** Gives a series its short index; it holds for the stream it is declared in. */
export const seriesDeclaration = z.object({
  ix: z
    .number()
    .int()
    .min(0)
    .max(FRAME_LIMITS.seriesPerHost - 1),
  metric: metricId,
  attributes: attributes.default({}),
});
export type SeriesDeclaration = z.infer<typeof seriesDeclaration>;

/** `[ix, value, ix, value, …]`; null is a gap: read, but not a number (NaN, infinity, or the reader failed). */
const pairs = z
  .array(z.number().nullable())
  .max(2 * FRAME_LIMITS.seriesPerHost)
  .refine((list) => list.length % 2 === 0, 'values come in pairs of index and value');

/** Everything that an agent read at one moment. `at` is its wall clock, `mono` its monotonic clock, both in ms. */
export const frame = z.object({
  stream: streamId,
  seq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  at: instant,
  mono: z.number().min(0),
  values: pairs,
});
export type Frame = z.infer<typeof frame>;

/** An extra sample while somebody looks: shown, never stored or judged. */
export const watchSample = z.object({ stream: streamId, at: instant, values: pairs });
export type WatchSample = z.infer<typeof watchSample>;
