import { randomUUID } from 'node:crypto';
import { IncomingMessage, type RequestListener, type ServerOptions, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import type { Route } from '../protocol/route.ts';
import { isOurHost, isOurOrigin } from './addresses.ts';
import { answerProblem } from './answer-problem.ts';
import { type HttpsOnly, httpsOnly } from './https-only.ts';
import type { Logger } from './log.ts';
import { Problem } from './problem.ts';
import { readQuery } from './query-text.ts';
import { clientOf, type Door, type Mounted, type Routes } from './serve.ts';
import { serveDashboard } from './static.ts';

export interface WebOptions {
  routes: Routes;
  table: readonly Route[];
  door: Door;
  log: Logger;
  /** One line for each request that was answered. */
  accessLog?: Logger;
  url: string | undefined;
  hosts: readonly string[];
  trustProxy: readonly string[];
  /** Whether plain HTTP is refused. */
  httpsOnly?: HttpsOnly;
  /** Folder of the built dashboard; undefined where it was not built. */
  webDir: string | undefined;
}

/** No inline script or style, nothing from elsewhere. `upgrade-insecure-requests` and HSTS would blank the page on a LAN address. */
const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  originAgentCluster: false,
  crossOriginOpenerPolicy: false,
  referrerPolicy: { policy: 'same-origin' },
});

/** Sets what `protect` sets on any answer; asked once, because it is the same for all and a dozen handlers for each request. */
function headers(): RequestHandler {
  const request = new IncomingMessage(new Socket());
  const sample = new ServerResponse(request);
  protect(request, sample, () => undefined);
  const fixed = new Map(Object.entries(sample.getHeaders()).map(([name, value]) => [name, String(value)]));
  return (_request, response, next) => {
    response.setHeaders(fixed);
    next();
  };
}

/** An application, and what a server of Node should make requests and answers as; it works with others, and is slower. */
export type Web = RequestListener & Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;

/** The one HTTP application behind both listeners: door checks, then routes, then the dashboard, then problems. */
export function makeWeb(options: WebOptions): Web {
  const { routes, table, door, log, webDir } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', readQuery);
  if (options.trustProxy.length > 0) app.set('trust proxy', [...options.trustProxy]);
  const doors = [headers(), identify(options.accessLog ?? log), checkHost(options), checkOrigin];
  if (options.httpsOnly) doors.push(httpsOnly(options.httpsOnly));
  const enter = inTurn(doors);
  app.use(enter);
  const exact = routes.mount(app, table, door);
  if (webDir) app.use(serveDashboard(webDir));
  app.use(() => {
    throw new Problem('not-found');
  });
  const fail = problems(log);
  app.use(fail);
  return Object.assign(shortened(app, { exact, enter, fail }), madeFor(app));
}

/** Requests and answers that are what Express turns them into: turning each one later makes all looks at it slow. */
function madeFor({ request, response }: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  const made = {
    IncomingMessage: class extends IncomingMessage {},
    ServerResponse: class<R extends IncomingMessage> extends ServerResponse<R> {},
  };
  Object.setPrototypeOf(made.IncomingMessage.prototype, request);
  Object.setPrototypeOf(made.ServerResponse.prototype, response);
  return made;
}

const turned = <T extends object>(made: object, into: T): T =>
  Object.prototype.isPrototypeOf.call(into, made) ? (made as T) : Object.setPrototypeOf(made, into);

interface Shortcut {
  /** Routes by method and path. */
  exact: ReadonlyMap<string, Mounted>;
  enter: RequestHandler;
  fail: ErrorRequestHandler;
}

/**
 * `app`, but routes that are found by their path are reached without its router, which tries a hundred patterns one after the other;
 * the way through its layers alone took longer than reading a host's last ten minutes. Request and response are what it makes of them.
 */
function shortened(app: Express, { exact, enter, fail }: Shortcut): RequestListener {
  return (plainRequest, plainResponse) => {
    const { url = '', method } = plainRequest;
    const end = url.indexOf('?');
    const mounted = exact.get(`${method} ${end < 0 ? url : url.slice(0, end)}`);
    if (!mounted) {
      app(plainRequest, plainResponse);
      return;
    }
    const request: Request = turned(plainRequest, app.request);
    const response: Response = turned(plainResponse, app.response);
    request.originalUrl = url;
    request.res = response;
    response.req = request;
    response.locals = Object.create(null);
    const failed = (error: unknown): void => void fail(error, request, response, failed);
    try {
      enter(request, response, (error?: unknown) => {
        if (error !== undefined) return failed(error);
        mounted(request, response).catch(failed);
      });
    } catch (error) {
      failed(error);
    }
  };
}

/** Several handlers as one: the router's way from one to the next costs more than what they do. */
const inTurn =
  (handlers: readonly RequestHandler[]): RequestHandler =>
  (request, response, next) => {
    let at = 0;
    const goOn = (error?: unknown): void => {
      const handler = error === undefined ? handlers[at++] : undefined;
      if (handler) handler(request, response, goOn);
      else next(error);
    };
    goOn();
  };

/** Reading that went well is most of what is asked, and writing it down was most of what an answer cost: only for who looks closer. */
const levelOf = (method: string, status: number): 'debug' | 'info' =>
  SAFE.has(method) && status < 400 ? 'debug' : 'info';

/**
 * Gives each request an id that stands in its answer and in the log, and writes one line when it is over: which route, by whom,
 * from where, how it ended. Neither path nor query stand there, because people put secrets into both.
 */
const identify =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    const bytesBefore = request.socket.bytesWritten;
    response.locals.requestId = requestId;
    response.setHeader('x-request-id', requestId);
    response.on('close', () => {
      const level = levelOf(request.method, response.statusCode);
      if (!log.isLevelEnabled(level)) return;
      const { route = 'static', who } = response.locals as { route?: string; who?: string };
      const entry = {
        ...{ requestId, method: request.method, route, status: response.statusCode },
        ms: Math.round(performance.now() - startedAt),
        bytes: request.socket.bytesWritten - bytesBefore,
        ...(who && { who }),
        from: clientOf(request),
        ...(!response.writableFinished && { broken: true }),
      };
      log[level](entry, 'request');
    });
    next();
  };

const checkHost =
  ({ url, hosts }: WebOptions): RequestHandler =>
  (request, _response, next) => {
    if (isOurHost(request.headers.host, { url, hosts })) return next();
    throw new Problem('wrong-host', 'Open it by its address, or name it in REEVE_HOSTS (or REEVE_URL) and start again');
  };

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

const checkOrigin: RequestHandler = (request, _response, next) => {
  const isForeign =
    !isOurOrigin(request.headers.origin, request.headers.host) || request.headers['sec-fetch-site'] === 'cross-site';
  if (SAFE.has(request.method) || !isForeign) return next();
  throw new Problem('wrong-origin', 'Open the dashboard itself and try again');
};

/** Four parameters: that is how express knows it. */
const problems =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, _request, response, _next) =>
    answerProblem(error, response, { log, requestId: String(response.locals.requestId) });
