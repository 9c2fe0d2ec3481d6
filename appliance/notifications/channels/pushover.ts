import { z } from 'zod';
import { receiptOf, sendTo } from '../answers.ts';
import { channel } from '../channel.ts';
import { allowPlain, caCertificate, secret, webAddress } from '../channel-fields.ts';
import { clipped, headline, type Message, textWithoutLink } from '../message.ts';

/** https://pushover.net/api#limits */
const LIMITS = { title: 250, message: 1_024, url: 512 } as const;
const EMERGENCY = { retry: 60, expire: 3_600 };

/** What is so comes first, because it is read on a watch; details that are too much for the far end are cut off. */
export function pushoverFields(message: Message, isEmergency: boolean): Record<string, string> {
  const { state, severity, at, link } = message;
  const isOver = state === 'resolved';
  const priority = isOver || severity === 'low' ? 0 : severity === 'critical' ? (isEmergency ? 2 : 1) : 0;
  return {
    title: clipped(headline(message), LIMITS.title),
    message: clipped(textWithoutLink(message), LIMITS.message),
    timestamp: String(Math.floor(at / 1_000)),
    priority: String(priority),
    ...(priority === 2 && { retry: String(EMERGENCY.retry), expire: String(EMERGENCY.expire) }),
    ...(link !== undefined && link.length <= LIMITS.url && { url: link, url_title: 'Open in Reeve' }),
  };
}

export const pushover = channel({
  id: 'pushover',
  title: 'Pushover',
  settings: z.strictObject({
    token: secret('Token of the application').meta({ order: 1 }),
    user: secret('Key of the user or group').meta({ order: 2 }),
    isEmergency: z.boolean().default(false).meta({
      title: 'Critical alerts ring until they are acknowledged',
      description: 'Every minute for an hour (priority 2 of Pushover).',
      order: 3,
    }),
    server: webAddress.default('https://api.pushover.net').meta({ title: 'Server', order: 7 }),
    ca: caCertificate.meta({ order: 8 }),
    allowPlain: allowPlain.meta({ order: 9 }),
  }),
  open({ token, user, isEmergency, server, ca, allowPlain: mayBePlain }) {
    return {
      async send(message, signal) {
        const body = new URLSearchParams({ token, user, ...pushoverFields(message, isEmergency) }).toString();
        const url = new URL('/1/messages.json', server).href;
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const request = { url, headers, body, signal, allowPlain: mayBePlain, ...(ca !== undefined && { ca }) };
        return receiptOf(await sendTo('Pushover', request));
      },
    };
  },
});
