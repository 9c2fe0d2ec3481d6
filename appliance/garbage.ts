import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { PROBLEMS, type ProblemCode } from '../protocol/problem.ts';

/** How long the other end may take to read why it was refused. */
const READING_MS = 1_000;

const CODES: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'too-slow',
};

/** Answers what is no request at all with a problem document (431, 408 or 400), and closes the connection. */
export function refuseGarbage(server: Server | SecureServer): void {
  const answering = new WeakSet<Duplex>();
  const refused = new WeakSet<Duplex>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    answering.add(socket);
    response.once('close', () => answering.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (refused.has(socket)) return;
    refused.add(socket);
    // Into an answer that is under way nothing may be mixed.
    if (error.code === 'ECONNRESET' || !socket.writable || answering.has(socket)) return void socket.destroy();
    socket.on('error', () => undefined);
    socket.end(refusal(CODES[error.code ?? ''] ?? 'invalid-request'));
    setTimeout(() => socket.destroy(), READING_MS).unref();
  });
}

function refusal(code: ProblemCode): string {
  const { status, title } = PROBLEMS[code];
  const body = JSON.stringify({ type: 'about:blank', code, status, title });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
