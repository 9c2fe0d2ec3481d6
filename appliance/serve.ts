import type { Express, Request, Response } from 'express';
import type { AnswerOf, Input, Route } from '../protocol/route.ts';
import type { AuditEvent } from './hub.ts';
import type { Logger } from './log.ts';
import { invalid, Problem } from './problem.ts';
import { bodyReaderOf, type ReadBody } from './request-body.ts';
import { mayDo, type Session } from './session.ts';
import { Streamed } from './streamed.ts';

export { Streamed };

/** One checked request, as its handler sees it. */
export interface Call<R extends Route> extends Input<R> {
  /** Present on every route that asks for a role. */
  session: R['access'] extends 'public' | 'setup' | 'agent' ? Session | undefined : Session;
  /** Address of the client, `X-Forwarded-For` only from a trusted proxy. */
  from: string;
  /** The request came over TLS. */
  secure: boolean;
  /** `Host` of the request, already checked. */
  host: string;
  /** The bytes that were sent, on routes with `uploadBytes`; empty on others. */
  upload: Uint8Array;
  /** Aborted when the client goes away before it has its answer, or by `stop`. */
  signal: AbortSignal;
  /** Ends what `signal` ends, for this reason; a problem becomes the answer. */
  stop(reason: Error): void;
  header(name: string): string | undefined;
  setHeader(name: string, value: string): void;
  /**
   * Says more of this call in the audit trail, where every successful call that changes something stands by itself. What is noted
   * on other routes (a sign-in, say) stands there too.
   */
  note(note: Note): void;
}

/** What a handler adds to the entry of its call in the audit trail; the rest is known from session and route. */
export type Note = Partial<Omit<AuditEvent, 'at' | 'from'>>;

type Answered<R extends Route> = AnswerOf<R> | (R extends { media: readonly string[] } ? Streamed : never);
export type Handler<R extends Route> = (call: Call<R>) => Answered<R> | Promise<Answered<R>>;
type AnyHandler = (call: Call<Route>) => unknown;

/** Where a request came from, as far as a trusted proxy or the connection tells. */
export interface Caller {
  from: string;
  secure: boolean;
}

export interface Door {
  /** Session of the request's cookie or key, if it is valid. */
  authenticate(request: Request, caller: Caller): Promise<Session | undefined> | Session | undefined;
  isSetUp(): boolean;
  /** Takes an entry of the audit trail. */
  audit(entry: Omit<AuditEvent, 'at'>): void;
  log: Logger;
}

/** Where handlers are joined to routes; every route of the table must get exactly one. */
export class Routes {
  readonly #handlers = new Map<string, { route: Route; handler: AnyHandler }>();

  serve<R extends Route>(route: R, handler: Handler<R>): void {
    if (this.#handlers.has(route.id)) throw new Error(`route ${route.id} is served twice`);
    this.#handlers.set(route.id, { route, handler: handler as unknown as AnyHandler });
  }

  /**
   * Mounts every route of `table` on `app`; fails when one has no handler, or a handler has no route. Answers those without parameters
   * in their path, by method and path (`GET /api/v1/hosts`).
   */
  mount(app: Express, table: readonly Route[], door: Door): ReadonlyMap<string, Mounted> {
    const missing = table.filter((route) => !this.#handlers.has(route.id)).map((route) => route.id);
    const unknown = [...this.#handlers.keys()].filter((id) => !table.some((route) => route.id === id));
    if (missing.length > 0) throw new Error(`routes without handler: ${missing.join(', ')}`);
    if (unknown.length > 0) throw new Error(`handlers without route: ${unknown.join(', ')}`);
    const exact = new Map<string, Mounted>();
    for (const { route, handler } of this.#handlers.values()) {
      const method = route.method.toLowerCase() as Lowercase<Route['method']>;
      const readBody = bodyReaderOf(route);
      const mounted = (request: Request, response: Response) =>
        answer({ route, handler, door, request, response, readBody });
      if (!route.path.includes(':')) exact.set(`${route.method} ${route.path}`, mounted);
      app[method](route.path, mounted);
    }
    return exact;
  }
}

/** A route as it answers; fails with a problem or with what went wrong. */
export type Mounted = (request: Request, response: Response) => Promise<void>;

interface Turn {
  route: Route;
  handler: AnyHandler;
  door: Door;
  request: Request;
  response: Response;
  readBody: ReadBody;
}

async function answer({ route, handler, door, request, response, readBody }: Turn): Promise<void> {
  response.locals.route = route.id;
  if (!route.beforeSetup && !door.isSetUp()) throw new Problem('setup-required');
  if (route.access === 'setup' && door.isSetUp())
    throw new Problem('already-set-up', 'Sign in, or ask the owner for an account');
  const caller = { from: clientOf(request), secure: request.secure };
  const known = door.authenticate(request, caller);
  // Each wait lets others go first: none where there is nothing to wait for.
  const session = known instanceof Promise ? await known : known;
  if (session) response.locals.who = `${session.kind} ${session.userId}`;
  admit(route, session);
  // Only now: nobody who may not call makes the appliance hold a body.
  const reading = readBody(request, response);
  if (reading) await reading;
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const notes: Note[] = [];
  const input = checkedInput(route, request);
  const call = {
    ...input,
    upload: uploadOf(route, request.body),
    session,
    ...caller,
    host: request.headers.host ?? '',
    signal: gone.signal,
    stop: (reason: Error) => gone.abort(reason),
    header: (name: string) => request.get(name),
    setHeader: (name: string, value: string) => void response.append(name, value),
    note: (note: Note) => void notes.push(note),
  } as Call<Route>;
  try {
    const result = await handler(call);
    if (notes.length > 0 || (session && route.method !== 'GET' && !route.unrecorded))
      door.audit(entryOf({ route, session, from: caller.from, params: input.params, notes }));
    if (response.writableEnded || response.destroyed) return;
    await send(route, response, result);
  } catch (error) {
    if (!gone.signal.aborted || !isStop(error)) throw error;
  }
}

/** Address of the client, as the audit trail and the log have it. */
export const clientOf = ({ ip = '' }: Request): string => ip.replace(/^::ffff:/, '');

interface Doing {
  route: Route;
  session: Session | undefined;
  from: string;
  params: unknown;
  notes: readonly Note[];
}

/** The entry of one call: what the route says of itself, and over it what the handler noted. */
function entryOf({ route, session, from, params, notes }: Doing): Omit<AuditEvent, 'at'> {
  // What only owners may do belongs to the appliance: the site they happen to be in must not hear of other sites by it.
  const place = session && route.access !== 'owner' && { siteId: session.siteId };
  const own = session && { who: session.userName, ...place };
  const noted: Note = Object.assign({}, ...notes);
  const detail = Object.assign({}, params, ...notes.map((note) => note.detail));
  return { who: '', what: route.id, ...own, ...noted, from, detail };
}

/** Work for a client that is gone ends with the signal's reason or that of the broken stream; nobody is left to hear of it. */
const isStop = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'AbortError' || ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'));

function admit(route: Route, session: Session | undefined): void {
  if (route.access === 'public' || route.access === 'setup' || route.access === 'agent') return;
  if (!session) throw new Problem('not-signed-in');
  if (!mayDo(session, route.access)) throw new Problem('not-allowed', `This needs the role ${route.access}`);
  if (route.personal && session.kind === 'key')
    throw new Problem('not-allowed', 'No API key may do this: sign in as a person');
}

function uploadOf({ uploadBytes }: Route, body: unknown): Uint8Array {
  if (uploadBytes === undefined) return NO_BYTES;
  if (body instanceof Uint8Array) return body;
  throw new Problem('invalid-request', 'Send bytes with Content-Type: application/octet-stream');
}
const NO_BYTES = new Uint8Array();

function checkedInput(route: Route, request: Request): Record<string, unknown> {
  const parts = { params: request.params, query: request.query, body: request.body as unknown };
  const checked: Record<string, unknown> = { params: {}, query: {}, body: undefined };
  for (const name of ['params', 'query', 'body'] as const) {
    const schema = route[name];
    if (!schema) continue;
    if (name === 'body' && parts.body === undefined) {
      throw new Problem('invalid-request', 'Send a JSON body with Content-Type: application/json');
    }
    const result = schema.safeParse(parts[name]);
    if (!result.success) throw invalid(name, result.error);
    checked[name] = result.data;
  }
  return checked;
}

async function send(route: Route, response: Response, result: unknown): Promise<void> {
  response.status(route.status ?? 200);
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store');
  if (result instanceof Streamed) await result.send(response);
  else if (route.status === 204) response.end();
  else if (typeof route.answer === 'string')
    response.type(route.answer).send(typeof result === 'string' ? result : Buffer.from(result as Uint8Array));
  else sendJson(route, response, result);
}

/** A record's revision is its ETag; it is for edits, and never makes an answer of "not modified": what is live in it has none. */
function sendJson({ method }: Route, response: Response, result: unknown): void {
  const rev = method === 'GET' ? revisionOf(result) : undefined;
  if (rev === undefined) return void response.json(result);
  if (!response.hasHeader('etag')) response.setHeader('etag', `"${rev}"`);
  response.type('application/json').end(JSON.stringify(result));
}

const revisionOf = (result: unknown): number | undefined =>
  typeof result === 'object' && result !== null && 'rev' in result && typeof result.rev === 'number'
    ? result.rev
    : undefined;
