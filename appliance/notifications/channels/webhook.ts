import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { receiptOf, sendTo } from '../answers.ts';
import { channel } from '../channel.ts';
import { allowPlain, caCertificate, secret, webAddress } from '../channel-fields.ts';
import { headline, type Message, plainText } from '../message.ts';

/** What a receiver gets; `version` grows when a field changes its meaning. */
export function webhookBody(message: Message) {
  const { chart: _pictureIsNotSent, chartOf: _norWhatOf, at, ...rest } = message;
  return { version: 1, ...rest, headline: headline(message), at: new Date(at).toISOString() };
}

/**
 * `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 of `<t>.<body>` with the shared secret. The receiver makes the same, compares in
 * constant time and refuses what is older than some minutes (the form that Stripe made common).
 */
export function signatureOf(body: string, key: string, now: number): string {
  const seconds = Math.floor(now / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}

const WORDS = ['headline', 'title', 'text', 'severity', 'state', 'host', 'site', 'link', 'all'] as const;

/** Fills `{{word}}` of a template; in JSON the values are escaped as JSON strings are, in a form as forms are. */
export function filled(template: string, message: Message, contentType: string): string {
  const { host = '', link = '', title, text, severity, state, site } = message;
  const all = plainText(message);
  const words: Record<string, string> = {
    headline: headline(message),
    title,
    text,
    severity,
    state,
    host,
    site,
    link,
    all,
  };
  const quoted = contentType.includes('json')
    ? (value: string) => JSON.stringify(value).slice(1, -1)
    : contentType.includes('urlencoded')
      ? encodeURIComponent
      : (value: string) => value;
  return template.replace(/\{\{(\w+)\}\}/g, (whole, word: string) => {
    const value = Object.hasOwn(words, word) ? words[word] : undefined;
    return value === undefined ? whole : quoted(value);
  });
}

const template = z
  .string()
  .max(10_000)
  .superRefine((text, context) => {
    for (const [whole, word] of text.matchAll(/\{\{(\w+)\}\}/g))
      if (!WORDS.some((known) => known === word))
        context.addIssue({
          code: 'custom',
          message: `${whole} is not known: use ${WORDS.map((each) => `{{${each}}}`).join(' ')}`,
        });
  });

export const webhook = channel({
  id: 'webhook',
  title: 'Webhook',
  settings: z.strictObject({
    url: webAddress.meta({ title: 'Address', secret: true, order: 1 }),
    signingKey: secret('Signing key').exactOptional().meta({
      title: 'Signing key',
      secret: true,
      order: 2,
      description: 'The receiver checks X-Reeve-Signature with it.',
    }),
    authorization: secret('Authorization header')
      .exactOptional()
      .meta({ title: 'Authorization header', secret: true, order: 3 }),
    template: template.exactOptional().meta({
      title: 'Body',
      widget: 'lines',
      order: 4,
      description: `Empty = the whole message as JSON. Otherwise text with ${WORDS.map((each) => `{{${each}}}`).join(' ')}, for an SMS gateway, say.`,
    }),
    contentType: z
      .enum(['application/json', 'application/x-www-form-urlencoded', 'text/plain'])
      .default('application/json')
      .meta({ title: 'Kind of body', order: 5 }),
    ca: caCertificate.meta({ order: 8 }),
    allowPlain: allowPlain.meta({ order: 9 }),
  }),
  open(settings, { now }) {
    const { url, signingKey, authorization, contentType, ca, allowPlain: mayBePlain } = settings;
    return {
      async send(message, signal) {
        const body =
          settings.template === undefined
            ? JSON.stringify(webhookBody(message))
            : filled(settings.template, message, contentType);
        const headers = {
          'content-type': `${contentType}; charset=utf-8`,
          'user-agent': 'Reeve',
          'idempotency-key': message.id,
          ...(signingKey !== undefined && { 'x-reeve-signature': signatureOf(body, signingKey, now()) }),
          ...(authorization !== undefined && { authorization }),
        };
        const request = { url, headers, body, signal, allowPlain: mayBePlain, ...(ca !== undefined && { ca }) };
        return receiptOf(await sendTo('The receiver', request));
      },
    };
  },
});
