import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Receiver {
  url: string;
  /** Bodies with the moment at which each had arrived whole, epoch ms. */
  arrived: { body: string; at: number }[];
  close(): void;
}

/** A web server that takes messages and notes when they came. */
export async function startReceiver(): Promise<Receiver> {
  const arrived: Receiver['arrived'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      arrived.push({ body, at: Date.now() });
      response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return { url, arrived, close: () => void server.close().closeAllConnections() };
}
