import { IncomingWebhook, IncomingWebhookRequestError } from '@slack/webhook';
import { z } from 'zod';
import { OutgoingError, sendOut } from '../../outgoing.ts';
import { asChannelError, refusalOf } from '../answers.ts';
import { channel } from '../channel.ts';
import { allowPlain, webAddress } from '../channel-fields.ts';
import { clipped, colourOf, factsOf, headline, type Message } from '../message.ts';

/** https://docs.slack.dev/reference/block-kit/blocks: what Slack refuses whole when it is longer. */
const LIMITS = { header: 150, text: 3_000, fields: 10, field: 2_000, fallback: 4_000 } as const;

/** https://docs.slack.dev/messaging/formatting-message-text: these three, so that no name can become a link or call a channel. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** At most `most` characters after escaping, without half an entity at the end. */
function fitted(text: string, most: number): string {
  let fits = '';
  for (const point of text) {
    const next = escaped(point);
    if (fits.length + next.length >= most) return `${fits}…`;
    fits += next;
  }
  return fits;
}

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

function blocksOf(message: Message) {
  const { text, causes, suggestion, action, link } = message;
  const fields = factsOf(message)
    .slice(0, LIMITS.fields)
    .map(({ name, value }) => ({
      type: 'mrkdwn',
      text: `*${fitted(name, 100)}*\n${fitted(value, LIMITS.field - 200)}`,
    }));
  const lists = [
    causes.length > 0
      ? `*Likely causes*\n${causes
          .slice(0, 6)
          .map((cause) => `• ${fitted(cause, 400)}`)
          .join('\n')}`
      : '',
    suggestion ? `*What to do*\n${fitted(suggestion, LIMITS.text - 100)}` : '',
    action ? `*Action*\n${fitted(action, LIMITS.text - 100)}` : '',
    link ? `<${escaped(link)}|Open in Reeve>` : '',
  ].filter(Boolean);
  return [
    { type: 'header', text: { type: 'plain_text', text: clipped(headline(message), LIMITS.header), emoji: false } },
    section(fitted(text, LIMITS.text) || ' '),
    { type: 'section', fields },
    ...lists.map(section),
  ];
}

/** The payload of one message: an attachment in the colour of its severity, with everything as blocks. */
export function slackPayload(message: Message) {
  return {
    text: fitted(headline(message), LIMITS.fallback), // Shown in notifications and to screen readers.
    attachments: [
      { color: colourOf(message), fallback: fitted(headline(message), LIMITS.fallback), blocks: blocksOf(message) },
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

export const slack = channel({
  id: 'slack',
  title: 'Slack',
  settings: z.strictObject({
    url: webAddress.meta({ title: 'Incoming webhook', secret: true, order: 1 }),
    allowPlain: allowPlain.meta({ order: 9 }),
  }),
  open({ url, allowPlain: mayBePlain }) {
    return {
      async send(message, signal) {
        let answered: Awaited<ReturnType<typeof sendOut>> | undefined;
        const webhook = new IncomingWebhook(url, {
          fetch: async (target, init = {}) => {
            const { headers = {}, body } = init;
            if (typeof body !== 'string') throw new OutgoingError('no-text', 'Only text is sent to Slack');
            answered = await sendOut({ url: String(target), headers, body, signal, allowPlain: mayBePlain });
            return responseOf(String(target), answered);
          },
        });
        try {
          const { text } = await webhook.send(slackPayload(message));
          return { answer: clipped(text, 300) };
        } catch (error) {
          throw failureOf(error, answered);
        }
      },
    };
  },
});

function failureOf(error: unknown, answered: Awaited<ReturnType<typeof sendOut>> | undefined) {
  if (answered && (answered.status < 200 || answered.status >= 300)) return refusalOf('Slack', answered);
  const inner = error instanceof IncomingWebhookRequestError ? error.original : error;
  return asChannelError(inner);
}

function responseOf(url: string, { status, text, headers }: Awaited<ReturnType<typeof sendOut>>) {
  const one = (value: string | string[] | undefined): string =>
    Array.isArray(value) ? value.join(', ') : (value ?? '');
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: String(status),
    url,
    headers: {
      get: (name: string) => one(headers[name.toLowerCase()]) || null,
      entries: () => Object.entries(headers).map(([name, value]): [string, string] => [name, one(value)]),
    },
    arrayBuffer: async () => new TextEncoder().encode(text).buffer,
    json: async () => JSON.parse(text),
    text: async () => text,
  };
}
