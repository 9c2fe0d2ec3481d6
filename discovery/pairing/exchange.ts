import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import { PAIRING_LIMITS } from '../../protocol/limits.ts';
import { type PairingCode, PairingError } from './failure.ts';
import { PAIRING_SERVER_NAME } from './keys.ts';

/** One request: where to, and what the answer must be. */
export interface Exchange<S extends z.ZodType> {
  url: URL;
  path: string;
  answer: S;
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/**
 * One POST on a connection of its own, answered with the checked body and the certificate that was shown; `message` is asked for only
 * when that is known. Throws `PairingError`.
 */
export async function post<S extends z.ZodType>(
  { url, path, answer, timeoutMs, signal }: Exchange<S>,
  message: (leaf: X509Certificate) => unknown,
): Promise<{ body: z.output<S>; leaf: X509Certificate }> {
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  const socket = await openTls(url, limit);
  try {
    const leaf = socket.getPeerX509Certificate();
    if (!leaf) throw malformed('it shows no certificate');
    const { status, text } = await send(socket, { url, path, limit, body: JSON.stringify(message(leaf)) });
    return { body: readAnswer(answer, status, text), leaf };
  } finally {
    socket.destroy();
  }
}

/** The only unverified TLS connection in Reeve: the transcript of the pairing binds the key that is seen here. */
function openTls(url: URL, limit: AbortSignal): Promise<TLSSocket> {
  if (url.protocol !== 'https:')
    throw new PairingError('unreachable', `Pairing needs an https address, not ${url.protocol}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 443);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      servername: PAIRING_SERVER_NAME,
      minVersion: 'TLSv1.3',
      rejectUnauthorized: false,
    });
    const stop = () => socket.destroy(timedOut());
    limit.addEventListener('abort', stop, { once: true });
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', (error) => reject(isPlain(error) ? speaksPlain(url) : unreachable(error)));
    socket.once('close', () => {
      limit.removeEventListener('abort', stop);
      reject(unreachable(new Error('the connection was closed')));
    });
    if (limit.aborted) stop();
  });
}

interface Sending {
  url: URL;
  path: string;
  limit: AbortSignal;
  body: string;
}

function send(socket: TLSSocket, { url, path, limit, body }: Sending): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      createConnection: () => socket,
      method: 'POST',
      path,
      signal: limit,
      headers: { host: url.host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    outgoing.on('error', (error) => reject(limit.aborted ? timedOut() : unreachable(error)));
    outgoing.on('response', (incoming) => readBody(incoming).then(resolve, reject));
    outgoing.end(body);
  });
}

async function readBody(incoming: IncomingMessage): Promise<{ status: number; text: string }> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > PAIRING_LIMITS.bodyBytes) break;
      parts.push(part);
    }
  } catch (error) {
    throw unreachable(error);
  }
  if (size > PAIRING_LIMITS.bodyBytes) throw malformed('its answer is too long');
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') };
}

function readAnswer<S extends z.ZodType>(schema: S, status: number, text: string): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw malformed(`its answer (${status}) is not JSON`);
  }
  if (status !== 200) throw problemOf(status, json);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw malformed('its answer is not what the protocol says');
  return parsed.data;
}

const REFUSALS = ['pairing-refused', 'setup-required', 'too-many-requests', 'peer-version', 'invalid-request'] as const;
const problem = z.object({ code: z.enum(REFUSALS), detail: z.string().max(400).optional() });

/** Who answers may still be anybody, so its words are cleaned before they reach a terminal or log. */
function problemOf(status: number, json: unknown): PairingError {
  const parsed = problem.safeParse(json);
  if (!parsed.success) return malformed(`it answered ${status}`);
  const said = parsed.data.detail?.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').trim();
  const code: PairingCode = parsed.data.code;
  if (code === 'setup-required')
    return new PairingError(code, 'The appliance is not set up yet: open its link and make the owner’s account.');
  return new PairingError(code, said || `The appliance answered ${code}.`);
}

const malformed = (why: string) => new PairingError('invalid-request', `This is no appliance that can pair: ${why}.`);
const timedOut = () => new PairingError('unreachable', 'The appliance did not answer in time.');
/** What OpenSSL says of an answer that is no TLS. */
const isPlain = (error: Error): boolean =>
  'code' in error && ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'].includes(String(error.code));

const speaksPlain = ({ host }: URL): PairingError =>
  new PairingError(
    'unreachable',
    `${host} answers without TLS: that seems to be the port for browsers. Give the appliance's HTTPS port, which is 8443 unless somebody changed it.`,
  );

function unreachable(error: unknown): PairingError {
  if (error instanceof PairingError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new PairingError('unreachable', `The appliance cannot be reached: ${reason}`);
}
