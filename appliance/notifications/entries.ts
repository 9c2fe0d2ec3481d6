import { z } from 'zod';
import type { Document, Kind } from '../store/documents.ts';
import type { Message } from './message.ts';

/**
 * One message on its way to one channel, and later the record of how it ended. `sending` is written before the far end is spoken to:
 * an entry that is found so at the start may have arrived, and is sent again with the same message id.
 */
export interface OutboxEntry extends Document {
  /** Message and channel: one entry for each, so that no transition is told twice. */
  key: string;
  channelId: string;
  /** Without its picture, which is made when it is sent. */
  message: Omit<Message, 'chart'>;
  state: 'waiting' | 'sending' | 'sent' | 'given-up';
  tries: number;
  /** Not before then. */
  nextAt: number;
  /** It goes out together with the others of its channel that are. */
  isGathered?: boolean;
  /** Gathered because its channel had too many within the hour. */
  isOverflow?: boolean;
  /** Transitions that it tells of, each alert id and number: none goes to a channel twice. */
  covers?: string[];
  createdAt: number;
  endedAt?: number;
  /** What the far end said to it. */
  answer?: string;
  /** Why the last try failed, with the cure. */
  error?: string;
}

const message = z.looseObject({
  id: z.string(),
  state: z.enum(['firing', 'resolved', 'info']),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  site: z.string(),
  host: z.string().exactOptional(),
  title: z.string(),
  text: z.string(),
  at: z.number(),
  timeZone: z.string(),
  facts: z.array(z.object({ name: z.string(), value: z.string() })),
  causes: z.array(z.string()),
  suggestion: z.string().exactOptional(),
  action: z.string().exactOptional(),
  link: z.string().exactOptional(),
  chartOf: z
    .looseObject({
      hostId: z.string(),
      metric: z.string(),
      attributes: z.record(z.string(), z.string()),
      unit: z.string().exactOptional(),
      threshold: z.number().exactOptional(),
      sinceAt: z.number(),
      at: z.number(),
      isSlow: z.boolean(),
    })
    .exactOptional(),
});

export const outboxEntries: Kind<OutboxEntry> = {
  name: 'outbox',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    key: z.string(),
    channelId: z.string(),
    message,
    state: z.enum(['waiting', 'sending', 'sent', 'given-up']),
    tries: z.number().int(),
    nextAt: z.number(),
    isGathered: z.boolean().exactOptional(),
    isOverflow: z.boolean().exactOptional(),
    covers: z.array(z.string()).exactOptional(),
    createdAt: z.number(),
    endedAt: z.number().exactOptional(),
    answer: z.string().exactOptional(),
    error: z.string().exactOptional(),
  }),
  indexes: ['siteId'],
};

/** By what a channel knows an entry: no two have one in common. */
export const keysOf = ({
  key,
  covers = [],
  channelId,
}: Pick<OutboxEntry, 'key' | 'covers' | 'channelId'>): string[] => [
  key,
  ...covers.map((each) => `${each} ${channelId}`).filter((each) => each !== key),
];

/** What of a lane is sent now: its first, or all that are gathered and due, unless an earlier try has to be waited for. */
export function readyOf(entries: readonly OutboxEntry[], now: number): OutboxEntry[] {
  const [head] = entries;
  if (!head) return [];
  if (!head.isGathered) return head.nextAt <= now ? [head] : [];
  return entries.some(({ tries, nextAt }) => tries > 0 && nextAt > now)
    ? []
    : entries.filter(({ nextAt }) => nextAt <= now);
}
