import type { z } from 'zod';
import type { Plugin } from '../../protocol/plugin.ts';
import type { Message } from './message.ts';

/** What the far end said to a message that it took, shortened; shown by "send test" and kept in the delivery log. */
export interface Receipt {
  answer: string;
}

/** A place that takes messages. */
export interface Channel {
  /** It has a place for the chart of a message; for others none is drawn. */
  showsCharts?: true;
  /** Resolves when the far end has taken the message; fails with a `ChannelError`, within the signal's time. */
  send(message: Message, signal: AbortSignal): Promise<Receipt>;
  /** Says what is open at the far end's side and ends it. */
  close?(): Promise<void>;
}

/** A browser in which somebody wants to be told: what its subscription says (`PushSubscription.toJSON()`). */
export interface PushBrowser {
  id: string;
  endpoint: string;
  /** base64url, as all of its keys. */
  p256dh: string;
  auth: string;
}

/** The browsers of the channel's site. */
export interface PushDesk {
  /** Those of people who may still look at the site. */
  all(): readonly PushBrowser[];
  /** In an earlier try. */
  hasTaken(messageId: string, browserId: string): boolean;
  took(messageId: string, browserId: string): void;
  /** The push service knows it no more. */
  gone(browserId: string): Promise<void>;
  /** Header that says who sends; `contact` is a mail address. */
  authorization(endpoint: string, contact: string): string;
}

export interface ChannelDeps {
  now: () => number;
  browsers: PushDesk;
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
  /** Of an answer over HTTP. */
  readonly status: number | undefined;

  constructor(
    message: string,
    { mayRetry, retryAfterMs, status }: { mayRetry: boolean; retryAfterMs?: number | undefined; status?: number },
  ) {
    super(message);
    this.mayRetry = mayRetry;
    this.retryAfterMs = retryAfterMs;
    this.status = status;
  }
}
