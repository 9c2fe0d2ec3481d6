import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

type Piece = string | Uint8Array;

interface StreamedParts {
  /** Media type. */
  type: string;
  pieces: AsyncIterable<Piece>;
  headers?: Record<string, string>;
  /** Ends the sending. */
  signal?: AbortSignal;
  /** Called when the last piece has been made. */
  onEnd?: () => void;
  /** Called when the sending has ended, well or not. */
  onSent?: () => void;
}

/** An answer of up to so many bytes is sent in one go; only of a longer one is made as much as the client takes. */
const ONE_GO_BYTES = 512 * 1024;

/** An answer that is made while it is sent, as fast as the client takes it; of routes that have `media`. */
export class Streamed {
  readonly type: string;
  readonly pieces: AsyncIterable<Piece>;
  readonly headers: Record<string, string>;
  readonly #parts: StreamedParts;

  constructor(parts: StreamedParts) {
    this.type = parts.type;
    this.pieces = parts.pieces;
    this.headers = parts.headers ?? {};
    this.#parts = parts;
  }

  /** Resolves when everything is handed over; fails when the client is gone or the signal ends it. */
  async send(response: Response): Promise<void> {
    const { signal, onSent } = this.#parts;
    const rest = this.#all();
    try {
      const { pieces, isWhole } = await firstOf(rest);
      response.type(this.type);
      for (const [name, value] of Object.entries(this.headers)) response.setHeader(name, value);
      if (isWhole) sendWhole(response, pieces);
      else await pipeline(joined(pieces, rest), response, { ...(signal && { signal }) });
    } finally {
      onSent?.();
    }
  }

  async *#all(): AsyncGenerator<Piece> {
    yield* this.pieces;
    this.#parts.onEnd?.();
  }
}

async function firstOf(rest: AsyncGenerator<Piece>): Promise<{ pieces: Buffer[]; isWhole: boolean }> {
  const pieces: Buffer[] = [];
  for (let bytes = 0; bytes < ONE_GO_BYTES; bytes += pieces.at(-1)?.length ?? 0) {
    const { value, done } = await rest.next();
    if (done) return { pieces, isWhole: true };
    pieces.push(typeof value === 'string' ? Buffer.from(value) : asBuffer(value));
  }
  return { pieces, isWhole: false };
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Without a stream between, which costs more than a small answer. */
function sendWhole(response: Response, pieces: Buffer[]): void {
  const [body = Buffer.alloc(0)] = pieces.length > 1 ? [Buffer.concat(pieces)] : pieces;
  response.setHeader('content-length', body.length);
  response.end(body);
}

async function* joined(first: readonly Piece[], rest: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
  yield* first;
  yield* rest;
}
