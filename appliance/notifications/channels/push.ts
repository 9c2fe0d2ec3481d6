import { createHash } from 'node:crypto';
import { z } from 'zod';
import { receiptOf, sendTo } from '../answers.ts';
import { type ChannelDeps, ChannelError, channel, type PushBrowser, type Receipt } from '../channel.ts';
import { caCertificate } from '../channel-fields.ts';
import { clipped, headline, type Message, textWithoutLink } from '../message.ts';
import { encrypted, MOST_PUSH_BYTES } from '../push/encrypt.ts';
import { isPushService } from '../push/services.ts';

const DAY_S = 86_400;
const LIMITS = { title: 200, text: 1_000 } as const;
/** RFC 8030 §5.3: how much a phone may save its battery. */
const URGENCY = { critical: 'high', high: 'high', medium: 'normal', low: 'low' } as const;

/** The part of a message id that its transitions share: a later one takes the place of the one before. */
const subjectOf = ({ id }: Message): string =>
  createHash('sha256')
    .update(id.replace(/\.[^.]*$/, ''))
    .digest('base64url')
    .slice(0, 32);

/** What the service worker gets; short enough for one push message, and with a path only: the browser knows its appliance. */
export function pushBody(message: Message): string {
  const { state, severity, link, at } = message;
  const path = link === undefined ? '/' : new URL(link).pathname;
  const said = textWithoutLink(message);
  let most: number = LIMITS.text;
  const body = (): string =>
    JSON.stringify({
      ...{ version: 1, id: message.id, tag: subjectOf(message), title: clipped(headline(message), LIMITS.title) },
      ...{ text: clipped(said, most), severity, state, at, path },
    });
  while (Buffer.byteLength(body()) > MOST_PUSH_BYTES && most > 0) most = Math.floor(most * 0.8);
  return body();
}

export const push = channel({
  id: 'push',
  title: 'Browser push',
  settings: z.strictObject({
    contact: z.email('give a mail address').max(254).meta({
      title: 'Contact',
      description:
        'Messages travel over the push service of each browser’s maker (Google, Mozilla, Apple, Microsoft), encrypted so that it cannot read them. It learns the address of your network, when a message is sent, and this mail address.',
      order: 1,
    }),
    services: z
      .array(
        z
          .string()
          .trim()
          .toLowerCase()
          .regex(/^[a-z0-9.-]{1,253}$/, 'give names such as push.example.org'),
      )
      .max(20)
      .default([])
      .meta({
        title: 'Push services of your own',
        description: 'Names, beside those of the browsers’ makers.',
        order: 7,
      }),
    ca: caCertificate.meta({ order: 8 }),
  }),
  open({ contact, services, ca }, { browsers }) {
    return {
      async send(message, signal) {
        const all = browsers.all();
        if (all.length === 0)
          throw new ChannelError('Nobody has switched notifications on in a browser: see Account', { mayRetry: false });
        const waiting = all.filter(({ id }) => !browsers.hasTaken(message.id, id));
        if (waiting.length === 0) return { answer: 'every browser has it already' };
        const handing: Handing = { message, body: pushBody(message), contact, services, ca, signal };
        return summed(await Promise.all(waiting.map((browser) => handOver(browser, handing, browsers))));
      },
    };
  },
});

interface Handing {
  message: Message;
  body: string;
  contact: string;
  services: readonly string[];
  ca: string | undefined;
  signal: AbortSignal;
}

/** The push service's answer, or why it took nothing. */
async function handOver(
  browser: PushBrowser,
  { message, body, contact, services, ca, signal }: Handing,
  browsers: ChannelDeps['browsers'],
): Promise<Receipt | ChannelError> {
  const { id, endpoint, p256dh, auth } = browser;
  try {
    if (!isPushService(endpoint, services))
      throw new ChannelError('A browser’s push service is not one that is known: name it in the channel', {
        mayRetry: false,
      });
    const keys = { p256dh: Buffer.from(p256dh, 'base64url'), auth: Buffer.from(auth, 'base64url') };
    const answer = await sendTo('The push service', {
      url: endpoint,
      headers: {
        authorization: browsers.authorization(endpoint, contact),
        ...{ 'content-encoding': 'aes128gcm', 'content-type': 'application/octet-stream' },
        ...{ ttl: String(DAY_S), urgency: URGENCY[message.severity], topic: subjectOf(message) },
      },
      body: encrypted(Buffer.from(body), keys),
      signal,
      ...(ca !== undefined && { ca }),
    });
    browsers.took(message.id, id);
    return receiptOf(answer);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    if (error.status !== 404 && error.status !== 410) return error;
    await browsers.gone(id); // RFC 8030 §7.3: the person took the permission back, or the browser is no more.
    return new ChannelError('The browser no longer takes messages; it was removed', { mayRetry: false });
  }
}

/** One word for all browsers: as long as one of them may get it later, the message stays on its way, for those only. */
function summed(outcomes: readonly (Receipt | ChannelError)[]): Receipt {
  const failed = outcomes.filter((each) => each instanceof ChannelError);
  const taken = outcomes.filter((each): each is Receipt => !(each instanceof ChannelError));
  const later = failed.find(({ mayRetry }) => mayRetry);
  if (later) throw later;
  const [first] = taken;
  if (!first) throw failed[0] ?? new ChannelError('No browser is told', { mayRetry: false });
  return { answer: clipped(`${taken.length} of ${outcomes.length} browsers: ${first.answer}`, 300) };
}
