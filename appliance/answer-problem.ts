import type { Response } from 'express';
import type { Logger } from './log.ts';
import { Problem, problemDocument, storageProblem } from './problem.ts';
import { BODY_BYTES } from './request-body.ts';
import { StorageError } from './store/errors.ts';

/** Last in the chain: every error becomes a problem document; what is ours to mend is logged with the request's id. */
export function answerProblem(
  error: unknown,
  response: Response,
  { log, requestId }: { log: Logger; requestId: string },
): void {
  const known = asProblem(error);
  if (!(known instanceof Problem) || known.status >= 500) log.error({ err: error, requestId }, 'request failed');
  if (response.headersSent) return void response.destroy();
  const document = problemDocument(known, requestId);
  response
    .status(document.status)
    .type('application/problem+json')
    .setHeader('cache-control', 'no-store')
    .send(JSON.stringify(document));
}

/** Errors of express and its body parser carry a status; those that are the client's become problems. */
function asProblem(error: unknown): unknown {
  if (error instanceof StorageError) return storageProblem();
  if (error instanceof Problem || !(error instanceof Error)) return error;
  const status = (error as { status?: unknown }).status;
  if (status === 413) {
    const { limit } = error as { limit?: unknown };
    return new Problem('too-large', `This request body is at most ${Number(limit) || BODY_BYTES} bytes`);
  }
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new Problem('invalid-request', error.message.slice(0, 200));
  return error;
}
