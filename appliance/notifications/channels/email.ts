import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { ChannelError, channel } from '../channel.ts';
import { caCertificate, secret } from '../channel-fields.ts';
import { htmlOf } from '../mail-html.ts';
import { clipped, headline, type Message, oneLine, plainText } from '../message.ts';

const address = z.email('give a mail address').max(254);
const SUBJECT_LENGTH = 160;

const settings = z
  .strictObject({
    host: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9.:-]{1,253}$/, 'give the name or address of the mail server, without port')
      .meta({ title: 'Mail server', order: 1 }),
    port: z.number().int().min(1).max(65_535).default(587).meta({ title: 'Port', order: 2 }),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .meta({
        title: 'Encryption',
        order: 3,
        choices: [
          { value: 'starttls', title: 'STARTTLS (port 587)' },
          { value: 'tls', title: 'TLS from the first byte (port 465)' },
          { value: 'none', title: 'None: everybody on the way can read it' },
        ],
      }),
    user: z.string().max(320).exactOptional().meta({ title: 'User name', order: 4 }),
    password: secret('Password').exactOptional().meta({
      title: 'Password',
      secret: true,
      order: 5,
      description: 'Where the provider asks for one, an app password.',
    }),
    from: address.meta({ title: 'Sender', order: 6 }),
    to: z.array(address).min(1, 'name at least one recipient').max(50).meta({ title: 'Recipients', order: 7 }),
    ca: caCertificate.meta({ order: 8 }),
  })
  .refine(({ security, password }) => security !== 'none' || password === undefined, {
    path: ['password'],
    message: 'a password is not sent unencrypted: use STARTTLS or TLS, or leave it empty',
  });

/** Subject in one line, so that no name can add a header. */
export const subjectOf = (message: Message): string =>
  clipped(oneLine(`[${message.site}] ${headline(message)}`), SUBJECT_LENGTH);

/** The text part: the chart's numbers as words, for who does not see it. */
export const mailText = (message: Message): string =>
  message.chart ? `${plainText(message)}\n\nChart: ${message.chart.alt}` : plainText(message);

export const email = channel({
  id: 'email',
  title: 'Email',
  settings,
  open(given) {
    const { host, port, security, user, password, from, to, ca } = given;
    return {
      showsCharts: true,
      async send(message, signal) {
        const transport = createTransport({
          host,
          port,
          secure: security === 'tls',
          // Never plain by itself: without STARTTLS at the far end the mail is not sent.
          requireTLS: security === 'starttls',
          ignoreTLS: security === 'none',
          ...(user !== undefined && password !== undefined && { auth: { user, pass: password } }),
          tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
          connectionTimeout: 10_000,
          greetingTimeout: 10_000,
          socketTimeout: 20_000,
          disableFileAccess: true,
          disableUrlAccess: true,
        });
        const stop = (): void => transport.close();
        signal.addEventListener('abort', stop, { once: true });
        try {
          const sent = await Promise.race([transport.sendMail(mailOf(message, from, to)), aborted(signal)]);
          const refused = (sent.rejected ?? []).length;
          const note = refused > 0 ? ` (${refused} of ${to.length} recipients were refused)` : '';
          return { answer: clipped(oneLine(sent.response), 300) + note };
        } catch (error) {
          throw failureOf(error);
        } finally {
          signal.removeEventListener('abort', stop);
          transport.close();
        }
      },
    };
  },
});

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => reject(new ChannelError('The mail server did not answer in time', { mayRetry: true }));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });

function mailOf(message: Message, from: string, to: readonly string[]) {
  const { chart, id } = message;
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    from: { name: 'Reeve', address: from },
    to: [...to],
    subject: subjectOf(message),
    text: mailText(message),
    html: htmlOf(message),
    // The same for every try, so that mail programs show a repeat once (RFC 5322 §3.6.4); RFC 3834: no vacation answers.
    messageId: `<${id.replace(/[^\w.-]/g, '')}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...(message.severity === 'critical' && message.state === 'firing' && { priority: 'high' as const }),
    ...(chart && {
      attachments: [
        { filename: 'chart.png', content: Buffer.from(chart.png), cid: 'chart', contentDisposition: 'inline' as const },
      ],
    }),
  };
}

interface MailError extends Error {
  code?: string;
  responseCode?: number;
  response?: string;
}

/** RFC 5321 §4.2.1: 4yz passes, 5yz does not; credentials and certificates have to be mended by a person. */
function failureOf(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  const { code = '', responseCode = 0, response = '', message } = error as MailError;
  const said = clipped(oneLine(response), 300);
  if (code === 'EAUTH')
    return new ChannelError(`The mail server refuses user name or password: ${said}`, { mayRetry: false });
  if (/certificate|self[- ]signed|altname/i.test(message))
    return new ChannelError('The certificate of the mail server is not trusted: give its CA', { mayRetry: false });
  if (code === 'ETLS')
    return new ChannelError('The mail server offers no encryption here: check port and encryption', {
      mayRetry: false,
    });
  if (responseCode >= 500) return new ChannelError(`The mail server refuses the mail: ${said}`, { mayRetry: false });
  if (responseCode >= 400) return new ChannelError(`The mail server asks to try later: ${said}`, { mayRetry: true });
  return new ChannelError(`The mail server cannot be reached (${code || 'no reason given'})`, { mayRetry: true });
}
