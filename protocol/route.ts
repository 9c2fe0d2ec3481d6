import type { z } from 'zod';
import type { ProblemCode } from './problem.ts';

/**
 * Who may call: nobody signed in (public), holder of the set-up code, a paired agent, or a role and those above it. `viewer`,
 * `operator` and `admin` hold in one site; `owner` is for what belongs to the whole appliance, which no site may see into.
 */
export type Access = 'public' | 'setup' | 'agent' | 'viewer' | 'operator' | 'admin' | 'owner';

/** How the site of a call is known: named in the path, taken from the record it touches, or not tied to one. */
export type SiteScope = 'path' | 'record' | 'none';

export interface Route {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Express path below the origin, with `:name` parameters. */
  readonly path: `/${string}`;
  readonly access: Access;
  readonly site: SiteScope;
  /** Only for a person who signed in, never for an API key: their own account, or credentials that would outlive the key. */
  readonly personal?: true;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body is bytes (`application/octet-stream`) of at most this many; there is no `body` then. */
  readonly uploadBytes?: number;
  /** Schema of the JSON answer, or the media type where the answer is not JSON. */
  readonly answer: z.ZodType | `${string}/${string}`;
  /** Media types of the other forms that the answer has. */
  readonly media?: readonly `${string}/${string}`[];
  readonly status?: 200 | 201 | 202 | 204;
  readonly errors: readonly ProblemCode[];
  /** Leaves no entry in the audit trail although it changes something: nobody but the person who calls could tell. */
  readonly unrecorded?: true;
  /** Answers before the appliance has an owner; everything else is `setup-required` until then. */
  readonly beforeSetup?: true;
}

/** Declares a route. It must be listed in `routes/index.ts` and handled through `serve(route, handler)`, or the build fails. */
export const route = <const R extends Route>(definition: R): R => definition;

type Parsed<S> = S extends z.ZodType ? z.output<S> : Record<never, never>;
type Sent<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What the handler of a route receives, checked. */
export interface Input<R extends Route> {
  params: Parsed<R['params']>;
  query: Parsed<R['query']>;
  body: R['body'] extends z.ZodType ? z.output<R['body']> : undefined;
}

/** What a client of a route sends. */
export interface Request<R extends Route> {
  params: Sent<R['params']>;
  query: Sent<R['query']>;
  body: Sent<R['body']>;
}

export type AnswerOf<R extends Route> = R['answer'] extends z.ZodType ? z.output<R['answer']> : string | Uint8Array;
