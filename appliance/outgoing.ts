import { lookup as lookUp } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Far ends that nobody means when they name a webhook: the cloud's metadata service and what a machine only says to itself. */
const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addAddress('::', 'ipv6');

/** Why a request was not sent or not answered; `code` is the system's or one of ours. */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface OutgoingRequest {
  url: string;
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal: AbortSignal;
  /** Plain HTTP was allowed for this target by a person. */
  allowPlain?: boolean;
  /** Trusted beside the public authorities: the CA of a server in the house, PEM. */
  ca?: string;
  /** So much of the answer is read; absent: 8 KB. */
  answerBytes?: number;
}

export interface OutgoingAnswer {
  status: number;
  /** At most `answerBytes` of it. */
  text: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const ANSWER_BYTES = 8_192;

/**
 * Sends one request to an address that people gave: TLS unless plain was allowed for it, no redirects (a secret must not follow one),
 * no link-local targets, whatever the name resolves to at that moment, and an answer of bounded size. Fails with `OutgoingError`.
 */
export async function sendOut(request: OutgoingRequest): Promise<OutgoingAnswer> {
  const url = checkedTarget(request.url, request.allowPlain === true);
  const { method = 'POST', headers = {}, body, signal, ca, answerBytes = ANSWER_BYTES } = request;
  const send = url.protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      url,
      {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
        signal,
        lookup: checkedLookup,
        agent: false,
        ...(ca !== undefined && { ca }),
      },
      (response) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          if (bytes < answerBytes) pieces.push(piece.subarray(0, answerBytes - bytes));
          bytes += piece.length;
          if (bytes > answerBytes) response.destroy(); // The rest is of no use, and may have no end.
        });
        response.on('close', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
        });
      },
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => reject(explained(error, url.hostname)));
    outgoing.end(body);
  });
}

/** The address, when it is one that may be sent to. */
export function checkedTarget(text: string, allowPlain: boolean): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new OutgoingError('invalid-address', 'The address is not a URL: it begins with https://');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new OutgoingError('invalid-address', 'The address is not one of the web: it begins with https://');
  if (url.protocol === 'http:' && !allowPlain)
    throw new OutgoingError('plain-refused', 'The address is not encrypted: use https://, or allow plain HTTP for it');
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) && isRefused(bare))
    throw new OutgoingError('target-refused', 'Link-local addresses are not written to');
  return url;
}

const isRefused = (address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const bare = mapped ?? address;
  return refused.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4');
};

/** Judges what a name resolves to when it is connected to, so that a name cannot change between check and use. */
const checkedLookup: LookupFunction = (hostname, options, done) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 0);
    const allowed = addresses.filter(({ address }) => !isRefused(address));
    const first = allowed[0];
    if (!first) return done(Object.assign(new Error('refused'), { code: 'target-refused' }), '', 0);
    if (options.all) return done(null, allowed);
    done(null, first.address, first.family);
  });
};

const WORDS: Record<string, string> = {
  ENOTFOUND: 'The name of the far end is not known: check the address and the DNS',
  EAI_AGAIN: 'The DNS does not answer',
  ECONNREFUSED: 'The far end refuses connections: is its service running, and the port right?',
  ECONNRESET: 'The far end closed the connection',
  ETIMEDOUT: 'The far end does not answer',
  EHOSTUNREACH: 'There is no way to the far end',
  ENETUNREACH: 'There is no way to the far end',
  ABORT_ERR: 'The far end did not answer in time',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the far end is self-signed: give its CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the far end is not from an authority that is trusted: give its CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'The certificate of the far end is not from an authority that is trusted: give its CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'The certificate of the far end is not from an authority that is trusted: give its CA',
  CERT_HAS_EXPIRED: 'The certificate of the far end has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the far end belongs to another name',
  'target-refused': 'Link-local addresses are not written to',
};

/** In words, without path or query of the address: those may hold secrets. */
function explained(error: NodeJS.ErrnoException, hostname: string): OutgoingError {
  const code = error.code ?? 'unknown';
  return new OutgoingError(code, `${WORDS[code] ?? `The request failed (${code})`} (${hostname})`);
}
