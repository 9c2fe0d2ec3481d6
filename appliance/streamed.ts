import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

type Piece = string | Uint8Array;

interface StreamedParts {
  /** Media type. */
  type: string;
  /** One that is there already needs no other to be waited for. */
  pieces: AsyncIterable<Piece> | readonly [Piece];
  headers?: Record<string, string>;
  /** Ends the sending. */
  signal?: AbortSignal;
  /** Called when the last piece has been made. */
  onEnd?: () => void;
  /** Called when the memory of all pieces is free again; not after a sending that broke off. */
  onFree?: () => void;
  /** Called when the sending has ended, well or not. */
  onSent?: () => void;
}

/** An answer of up to so many bytes is sent in one go; only of a longer one is made as much as the client takes. */
const ONE_GO_BYTES = 512 * 1024;

/** An answer that is made while it is sent, as fast as the client takes it; of routes that have `media`. */
export class Streamed {
  readonly type: string;
  readonly pieces: StreamedParts['pieces'];
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
    const { onSent } = this.#parts;
    try {
      if (Array.isArray(this.pieces)) this.#sendReady(response, this.pieces[0]);
      else await this.#sendMade(response);
    } finally {
      onSent?.();
    }
  }

  #sendReady(response: Response, piece: Piece): void {
    this.#parts.onEnd?.();
    this.#sendWhole(response, [bytesOf(piece)]);
  }

  async #sendMade(response: Response): Promise<void> {
    const { signal, onFree } = this.#parts;
    const rest = this.#all();
    const { pieces, isWhole } = await firstOf(rest);
    if (isWhole) return this.#sendWhole(response, pieces);
    this.#setHeaders(response);
    await pipeline(joined(pieces, rest), response, { ...(signal && { signal }) });
    onFree?.();
  }

  /** Without a stream between, which costs more than a small answer. */
  #sendWhole(response: Response, pieces: Buffer[]): void {
    const [body = Buffer.alloc(0)] = pieces.length > 1 ? [Buffer.concat(pieces)] : pieces;
    this.#setHeaders(response);
    response.setHeader('content-length', body.length);
    response.end(body, this.#parts.onFree);
  }

  #setHeaders(response: Response): void {
    response.setHeader('content-type', contentTypeOf(this.type, response));
    for (const name in this.headers) response.setHeader(name, this.headers[name] ?? '');
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
    pieces.push(bytesOf(value));
  }
  return { pieces, isWhole: false };
}

function bytesOf(piece: Piece): Buffer {
  if (typeof piece === 'string') return Buffer.from(piece);
  return Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

/** What express makes of media types, found once for each: there are few, and they do not change. */
const contentTypes = new Map<string, string>();

function contentTypeOf(type: string, response: Response): string {
  const known = contentTypes.get(type);
  if (known !== undefined) return known;
  const found = String(response.type(type).getHeader('content-type'));
  contentTypes.set(type, found);
  return found;
}

async function* joined(first: readonly Piece[], rest: AsyncGenerator<Piece>): AsyncGenerator<Piece> {
  yield* first;
  yield* rest;
}
