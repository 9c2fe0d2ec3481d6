import express, { type Request, type Response } from 'express';
import type { Route } from '../protocol/route.ts';

/** The largest body of a route that does not say otherwise. */
export const BODY_BYTES = 64 * 1024;

/** Puts the body of a request into `request.body`; fails with express' own error, which has a status. */
export type ReadBody = (request: Request, response: Response) => Promise<void> | undefined;

const readJson = express.json({ limit: BODY_BYTES, type: 'application/json' });

/** How bodies of a route are read; where there is none, there is nothing to wait for. */
export function bodyReaderOf({ uploadBytes }: Route): ReadBody {
  const read =
    uploadBytes === undefined ? readJson : express.raw({ limit: uploadBytes, type: 'application/octet-stream' });
  return (request, response) =>
    hasBody(request)
      ? new Promise((resolve, reject) => read(request, response, (error) => (error ? reject(error) : resolve())))
      : undefined;
}

/** RFC 9112 §6.3. */
const hasBody = ({ headers }: Request): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
