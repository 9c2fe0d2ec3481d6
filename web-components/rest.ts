import type { z } from 'zod';
import type { FieldProblem, ProblemCode, ProblemDocument } from '../protocol/problem.ts';
import type { AnswerOf, Route } from '../protocol/route.ts';
import type { RouteByKey, RouteKey } from '../protocol/routes/index.ts';
import { msg } from './msg.ts';

type Part<R, Name extends string> = R extends { [K in Name]: infer S extends z.ZodType }
  ? { [K in Name]: z.input<S> }
  : unknown;

/** What a route wants: `params`, `query` and `body`, each only where the route has it. */
export type RequestOf<K extends RouteKey> = RequestOfRoute<RouteByKey<K>>;

/** Route by route: all parts of all routes combined would be more than the compiler can do. */
type RequestOfRoute<R> = R extends Route ? Part<R, 'params'> & Part<R, 'query'> & Part<R, 'body'> : never;

/** What a route answers. */
export type ResponseOf<K extends RouteKey> = RouteByKey<K> extends infer R extends Route ? AnswerOf<R> : never;

/** `unreachable`: no answer came at all; `unexpected`: an answer that is not of this API. */
export type ProblemKind = ProblemCode | 'unreachable' | 'unexpected';

/** A call that did not succeed, with a sentence for people and what each field did wrong (RFC 9457). */
export class ApiProblem extends Error {
  readonly code: ProblemKind;
  readonly status: number;
  readonly fields: FieldProblem[];

  constructor(code: ProblemKind, status: number, problem: { message: string; fields?: FieldProblem[] }) {
    super(problem.message);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.fields = problem.fields ?? [];
  }
}

interface Sent {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** Path and query of a call: `:name` from `params`, the rest of `query` behind `?`; what is undefined is left out. */
export function pathOf(key: string, { params = {}, query = {} }: Sent): { method: string; path: string } {
  const [method = 'GET', pattern = '/'] = key.split(' ');
  const path = pattern.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return { method, path: text === '' ? path : `${path}?${text}` };
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const document = (await response.json().catch(() => undefined)) as Partial<ProblemDocument> | undefined;
  if (typeof document?.code !== 'string') {
    const message = msg('The appliance answered with status {status}, which this page does not understand.', {
      status: response.status,
    });
    return new ApiProblem('unexpected', response.status, { message });
  }
  const message = document.detail ?? document.title ?? document.code;
  return new ApiProblem(document.code, response.status, { message, fields: document.errors ?? [] });
}

/** Hears of every call that failed because nobody is signed in. */
const signedOut = new Set<() => void>();

/** Calls `listener` when a call answers that the session is gone; the answer takes it off again. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => void signedOut.delete(listener);
}

type Asked<K extends RouteKey> =
  unknown extends RequestOf<K>
    ? [request?: { signal?: AbortSignal }]
    : [request: RequestOf<K> & { signal?: AbortSignal }];

/** Calls a route of the appliance and answers with its JSON (null for 204). Throws `ApiProblem`. */
export async function call<K extends RouteKey>(key: K, ...rest: Asked<K>): Promise<ResponseOf<K>> {
  const response = await send(key, { ...rest[0], accept: 'application/json' });
  return (response.status === 204 ? null : await response.json()) as ResponseOf<K>;
}

/** Calls a route that has another form than JSON, and answers with its bytes. Throws `ApiProblem`. */
export async function callBytes<K extends RouteKey>(key: K, accept: string, ...rest: Asked<K>): Promise<ArrayBuffer> {
  return (await send(key, { ...rest[0], accept })).arrayBuffer();
}

async function send(key: string, request: Sent & { accept: string; signal?: AbortSignal }): Promise<Response> {
  const { method, path } = pathOf(key, request);
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: request.accept,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.signal ? { signal: request.signal } : {}),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiProblem('unreachable', 0, {
      message: msg('The appliance does not answer. Check that it runs and that this device is on its network.'),
    });
  });
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.code === 'not-signed-in') for (const listener of signedOut) listener();
    throw problem;
  }
  return response;
}

/** The sentence to show for anything that was thrown. */
export const problemText = (error: unknown): string =>
  error instanceof Error ? error.message : msg('Something failed, and did not say what.');
