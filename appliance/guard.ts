import type { z } from 'zod';

type Settle<R> = (answer: R) => void;

export interface Refused {
  /** Turns an error into the answer that the other side gets. */
  answer(error: unknown): unknown;
  /** Hears of every bad message and failing handler. */
  note(error: unknown): unknown;
}

/** A message that its schema refuses. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
}

const firstIssue = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'message: not valid';
};

/**
 * Wraps a socket handler: what a peer sends is checked before it is used, and a bad message or a failing handler is
 * answered instead of ending the process (an exception inside a Socket.IO handler ends Node).
 */
export function checked<S extends z.ZodType, R>(
  schema: S,
  refused: Refused,
  handle: (message: z.output<S>) => R | Promise<R>,
) {
  return (message: unknown, settle?: unknown): void => {
    const reply: Settle<unknown> = typeof settle === 'function' ? (settle as Settle<unknown>) : () => undefined;
    const fail = (error: unknown): void => {
      refused.note(error);
      reply(refused.answer(error));
    };
    void (async () => {
      const parsed = schema.safeParse(message);
      if (!parsed.success) throw new BadMessage(firstIssue(parsed.error));
      return handle(parsed.data);
    })().then((answer) => reply({ ok: true, value: answer }), fail);
  };
}
