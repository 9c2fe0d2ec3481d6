import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type OutgoingAnswer, OutgoingError, sendOut } from '../outgoing.ts';
import { SourceError } from './source.ts';

/** Fields that several meters have, so that they are called and checked alike. */
export const meterFields = {
  url: z
    .url({ protocol: /^https?$/, message: 'give an address that begins with http:// or https://' })
    .max(2_000, 'use at most 2000 characters')
    .meta({ title: 'Address', description: 'As a browser reaches it, such as http://192.168.1.40', order: 1 }),
  userName: z.string().max(200).exactOptional().meta({ title: 'User name', order: 10 }),
  password: z.string().min(1).max(1_000).exactOptional().meta({ title: 'Password', secret: true, order: 11 }),
  everySeconds: z
    .number()
    .int('whole seconds')
    .min(5, 'at least 5 s')
    .max(600, 'at most 600 s')
    .default(10)
    .meta({ title: 'Ask every, s', order: 20 }),
  /** Plugs speak plain HTTP; a secret on the way to one in the house is weighed by who enters it. */
  allowPlain: z.boolean().default(true).meta({
    title: 'Allow a connection that is not encrypted',
    description: 'Whoever listens on the way can read it. Most plugs know no other.',
    order: 30,
  }),
  ca: z
    .string()
    .max(20_000)
    .regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, 'paste a certificate in PEM form')
    .exactOptional()
    .meta({
      title: 'CA of the far end',
      widget: 'lines',
      description: 'Only for a certificate of its own.',
      order: 31,
    }),
};

export interface Asked {
  url: string;
  path: string;
  allowPlain: boolean;
  signal: AbortSignal;
  userName?: string | undefined;
  password?: string | undefined;
  ca?: string | undefined;
  headers?: Record<string, string>;
}

const KB = 1_024;
/** A server's management controller lists every fan beside its watts. */
const MOST_BYTES = 256 * KB;

/** Asks a meter over HTTP and reads its JSON; digest and basic sign-in as the meter wants it. Fails with `SourceError`. */
export async function askMeter<T>(asked: Asked, schema: z.ZodType<T>): Promise<T> {
  const base = new URL(asked.url);
  const [path = '', query] = asked.path.split('?');
  base.pathname = base.pathname.replace(/\/$/, '') + path;
  if (query !== undefined) base.search = query;
  const { status, text } = await signedIn(base, asked);
  if (status === 401 || status === 403) throw new SourceError('The meter refuses user name, password or token');
  if (status === 404) throw new SourceError(`The meter knows no ${path}: is it of this kind, and the channel right?`);
  if (status < 200 || status > 299) throw new SourceError(`The meter answers with ${status}`);
  if (Buffer.byteLength(text) >= MOST_BYTES) throw new SourceError('The answer of the meter is too long');
  return readAnswer(text, schema);
}

/** JSON of a meter, checked. Fails with `SourceError`. */
export function readAnswer<T>(text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SourceError('The answer of the meter is no JSON');
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw new SourceError(`The answer of the meter lacks ${issue?.path.join('.') || 'what was asked for'}`);
}

async function signedIn(url: URL, asked: Asked): Promise<OutgoingAnswer> {
  const { userName, password } = asked;
  const first = await send(url, asked, {});
  if (first.status !== 401 || password === undefined) return first;
  const challenge = String(first.headers['www-authenticate'] ?? '');
  const user = userName ?? 'admin';
  const authorization = /^digest/i.test(challenge)
    ? digestOf(challenge, { user, password, uri: url.pathname + url.search })
    : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return send(url, asked, { authorization });
}

async function send(url: URL, { signal, allowPlain, ca, headers }: Asked, more: Record<string, string>) {
  try {
    return await sendOut({
      url: url.href,
      method: 'GET',
      headers: { accept: 'application/json', 'user-agent': 'Reeve', ...headers, ...more },
      signal,
      allowPlain,
      answerBytes: MOST_BYTES,
      ...(ca !== undefined && { ca }),
    });
  } catch (error) {
    if (error instanceof OutgoingError) throw new SourceError(error.message);
    throw error;
  }
}

/** `Authorization` for a digest challenge with SHA-256 or MD5 (RFC 7616 §3.4, as Shelly Gen2 has it). */
export function digestOf(
  challenge: string,
  { user, password, uri }: { user: string; password: string; uri: string },
): string {
  const field = (name: string): string => new RegExp(`\\b${name}="?([^",]+)"?`, 'i').exec(challenge)?.[1] ?? '';
  const [realm, nonce] = [field('realm'), field('nonce')];
  const isSha = /^sha-256$/i.test(field('algorithm'));
  const hash = (text: string) =>
    createHash(isSha ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const cnonce = randomBytes(8).toString('hex');
  const nc = '00000001';
  const response = hash(
    [hash(`${user}:${realm}:${password}`), nonce, nc, cnonce, 'auth', hash(`GET:${uri}`)].join(':'),
  );
  const algorithm = isSha ? 'SHA-256' : 'MD5';
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`;
}
