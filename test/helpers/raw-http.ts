import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { connect } from 'node:net';

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A request with any headers at all, `Host`, `Origin` and lies about the length among them. A cut connection has status 0. */
export function rawRequest(url: string, { method = 'GET', headers = {}, body }: RawRequest = {}): Promise<RawAnswer> {
  const isSecure = url.startsWith('https:');
  return new Promise((done, failed) => {
    const open = isSecure ? secure : plain;
    // The certificate is the appliance's own; these tests are about what comes after it.
    const call = open(
      url,
      { method, headers, agent: false, ...(isSecure ? { rejectUnauthorized: false } : {}) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        const end = () => done({ status: response.statusCode ?? 0, headers: response.headers, text });
        response.on('end', end);
        response.on('error', end);
      },
    );
    call.setTimeout(20_000, () => call.destroy(new Error(`no answer from ${method} ${url} within 20 s`)));
    call.on('error', (error: NodeJS.ErrnoException) => {
      const isCut = ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
      if (isCut) done({ status: 0, headers: {}, text: '' });
      else failed(error);
    });
    call.end(body);
  });
}

/** Sends bytes that need not be HTTP at all, then hangs up; resolves with whatever came back. */
export function rawBytes(url: string, bytes: string | Buffer, { waitMs = 300 } = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => done(text));
    setTimeout(() => socket.destroy(), waitMs).unref();
  });
}
