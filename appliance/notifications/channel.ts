import type { z } from 'zod';
import type { Plugin } from '../../protocol/plugin.ts';
import type { Message } from './message.ts';

/** What the far end said to a message that it took, shortened; shown by "send test" and kept in the delivery log. */
export interface Receipt {
  answer: string;
}

/** A place that takes messages. */
export interface Channel {
  /** Resolves when the far end has taken the message; fails with a `ChannelError`, within the signal's time. */
  send(message: Message, signal: AbortSignal): Promise<Receipt>;
  /** Says what is open at the far end's side and ends it. */
  close?(): Promise<void>;
}

export interface ChannelDeps {
  now: () => number;
}

/** A notification channel: one file in `channels/`, one line in its `index.ts`. */
export type ChannelPlugin<Settings extends z.ZodObject = z.ZodObject> = Plugin<Settings, ChannelDeps, Channel>;

/** Declares a channel; only ties its types together. */
export const channel = <Settings extends z.ZodObject>(plugin: ChannelPlugin<Settings>): ChannelPlugin<Settings> =>
  plugin;

/** A message that was not taken, with the cure in its text. Never holds a secret: addresses of far ends stay out. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  /** Whether a later try may succeed without anybody's doing. */
  readonly mayRetry: boolean;
  /** The far end asked to wait that long. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { mayRetry, retryAfterMs }: { mayRetry: boolean; retryAfterMs?: number | undefined }) {
    super(message);
    this.mayRetry = mayRetry;
    this.retryAfterMs = retryAfterMs;
  }
}
