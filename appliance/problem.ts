import type { z } from 'zod';
import { type FieldProblem, PROBLEMS, type ProblemCode, type ProblemDocument } from '../protocol/problem.ts';

/** A refusal with a stable code; whoever answers a request turns it into an RFC 9457 document. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly errors: readonly FieldProblem[];

  constructor(code: ProblemCode, detail = '', errors: readonly FieldProblem[] = []) {
    super(detail || PROBLEMS[code].title);
    this.code = code;
    this.errors = errors;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** For a `StorageError`, which tells more than everybody who asks may know; the owner finds that on the page System. */
export const storageProblem = (): Problem =>
  new Problem(
    'storage-unavailable',
    'What Reeve keeps can be neither read nor changed at the moment. Try again later; Settings → System says why',
  );

/** What a schema found wrong, as one problem that names every field under `where`. */
export function invalid(where: string, error: z.ZodError): Problem {
  const errors = error.issues.slice(0, 20).map(({ path, message }) => ({ path: [where, ...path].join('.'), message }));
  return new Problem('invalid-request', errors.map((each) => `${each.path}: ${each.message}`).join('; '), errors);
}

/** The body of an answer for any error; what is not a `Problem` says nothing of its inside. */
export function problemDocument(error: unknown, instance: string): ProblemDocument {
  const problem = error instanceof Problem ? error : new Problem('internal-error', `Look for ${instance} in the log`);
  const { status, title } = PROBLEMS[problem.code];
  return {
    type: `/api/problems/${problem.code}`,
    code: problem.code,
    status,
    title,
    detail: problem.message,
    instance,
    ...(problem.errors.length > 0 && { errors: [...problem.errors] }),
  };
}
