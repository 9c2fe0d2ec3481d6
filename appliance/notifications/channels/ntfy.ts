import { z } from 'zod';
import { receiptOf, sendTo } from '../answers.ts';
import { channel } from '../channel.ts';
import { allowPlain, caCertificate, secret, webAddress } from '../channel-fields.ts';
import { clipped, headline, type Message, plainText } from '../message.ts';

/** https://docs.ntfy.sh/publish/#limitations: a longer message would become an attachment. Bytes. */
const MOST_BYTES = 4_000;
const PRIORITY = { critical: 5, high: 4, medium: 3, low: 2 } as const;

const ELLIPSIS = '…';

/** As much as fits, in whole code points; looks no further than that, because a message may be huge. */
function fitted(text: string): string {
  if (text.length <= MOST_BYTES && Buffer.byteLength(text) <= MOST_BYTES) return text;
  let bytes = Buffer.byteLength(ELLIPSIS);
  let end = 0;
  for (const point of text.slice(0, MOST_BYTES)) {
    bytes += Buffer.byteLength(point);
    if (bytes > MOST_BYTES) break;
    end += point.length;
  }
  return `${text.slice(0, end)}${ELLIPSIS}`;
}

/** The JSON form of publishing (https://docs.ntfy.sh/publish/#publish-as-json), because headers cannot hold every name. */
export function ntfyBody(message: Message, topic: string) {
  const { state, severity, link } = message;
  const isOver = state === 'resolved';
  return {
    topic,
    title: clipped(headline(message), 250),
    message: fitted(plainText(message)),
    priority: isOver ? 3 : PRIORITY[severity],
    tags: [isOver ? 'white_check_mark' : severity === 'critical' ? 'rotating_light' : 'warning'],
    ...(link !== undefined && { click: link }),
  };
}

export const ntfy = channel({
  id: 'ntfy',
  title: 'ntfy',
  settings: z.strictObject({
    server: webAddress.default('https://ntfy.sh').meta({ title: 'Server', order: 1 }),
    topic: z
      .string()
      .regex(/^[-_A-Za-z0-9]{1,64}$/, 'use letters, digits, - and _')
      .meta({ title: 'Topic', order: 2, description: 'On a public server whoever knows the topic can read it.' }),
    token: secret('Access token').exactOptional().meta({ title: 'Access token', secret: true, order: 3 }),
    ca: caCertificate.meta({ order: 8 }),
    allowPlain: allowPlain.meta({ order: 9 }),
  }),
  open({ server, topic, token, ca, allowPlain: mayBePlain }) {
    return {
      async send(message, signal) {
        const headers = {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        };
        const body = JSON.stringify(ntfyBody(message, topic));
        const request = { url: server, headers, body, signal, allowPlain: mayBePlain, ...(ca !== undefined && { ca }) };
        return receiptOf(await sendTo('ntfy', request));
      },
    };
  },
});
