import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { testCa, testLeaf } from './certificates.ts';

export interface Arrived {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  bytes: Buffer;
}

/** How a far end behaves: takes, refuses for good, asks to wait, breaks, never answers, answers without end, points elsewhere, knows nothing of it any more. */
export type Manner = 'takes' | 'refuses' | 'busy' | 'broken' | 'hangs' | 'endless' | 'redirects' | 'gone' | 'unknown';

export interface FarEnd {
  /** `https://localhost:port`; plain where it was asked for. */
  url: string;
  /** Its CA, PEM. */
  ca: string;
  arrived: Arrived[];
  manner: Manner;
}

/** A web server at the other end of a channel, with TLS and a CA of its own. Ends with the test. */
export async function startFarEnd({ plain = false, says = 'ok', name = 'Far end CA' } = {}): Promise<FarEnd> {
  const ca = await testCa(name);
  const leaf = await testLeaf(ca, ['localhost']);
  const farEnd: FarEnd = { url: '', ca: ca.pem, arrived: [], manner: 'takes' };
  const listener: RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const bytes = Buffer.concat(pieces);
      farEnd.arrived.push({ method, path: url, headers, body: bytes.toString('utf8'), bytes });
      answer(farEnd, response, says);
    });
  };
  const server = plain ? createServer(listener) : createSecureServer(leaf, listener);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  farEnd.url = `${plain ? 'http' : 'https'}://localhost:${(server.address() as AddressInfo).port}`;
  return farEnd;
}

function answer({ manner, url }: FarEnd, response: Parameters<RequestListener>[1], says: string): void {
  switch (manner) {
    case 'takes':
      response.end(says);
      return;
    case 'refuses':
      response.writeHead(403).end('invalid_token');
      return;
    case 'busy':
      response.writeHead(429, { 'retry-after': '7' }).end('slow down');
      return;
    case 'broken':
      response.writeHead(503).end('<h1>sorry</h1>');
      return;
    case 'gone':
      response.writeHead(410).end('push subscription has unsubscribed or expired');
      return;
    case 'unknown':
      response.writeHead(404).end('no such subscription');
      return;
    case 'redirects':
      response.writeHead(307, { location: `${url}/elsewhere` }).end();
      return;
    case 'endless': {
      const send = (): void => {
        while (response.write('x'.repeat(65_536)) && !response.destroyed);
      };
      response.on('drain', send);
      send();
      return;
    }
    case 'hangs':
  }
}
