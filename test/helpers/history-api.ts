import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type HistoryRouteParts, serveHistory } from '../../appliance/history/routes.ts';
import type { Logger } from '../../appliance/log.ts';
import { Problem } from '../../appliance/problem.ts';
import { Routes } from '../../appliance/serve.ts';
import type { Session } from '../../appliance/session.ts';
import { makeWeb } from '../../appliance/web.ts';
import { readHistory } from '../../protocol/routes/history.ts';

export interface NamedHost {
  id: string;
  name: string;
  siteId: string;
}

export interface HistoryApi {
  url: string;
  /** What was logged as an error. */
  errors: string[];
  /** `GET /api/v1/history` by a session of the site. */
  get(
    query: Record<string, string | number>,
    more?: { accept?: string; site?: string; signal?: AbortSignal },
  ): Promise<Response>;
}

/** The history route behind the real door, over HTTP; the session is a header that names its site. */
export async function historyApi(
  history: HistoryRouteParts['history'],
  hosts: readonly NamedHost[],
  more: Partial<HistoryRouteParts> = {},
): Promise<HistoryApi> {
  const routes = new Routes();
  serveHistory(routes, {
    history,
    hostsOf: ({ siteId }) => hosts.filter((host) => host.siteId === siteId),
    visible: ({ siteId }, hostId) => {
      const found = hosts.find((host) => host.id === hostId && host.siteId === siteId);
      if (!found) throw new Problem('not-found', 'There is no such host');
      return found;
    },
    unitOf: (_siteId, metric) => (metric === 'a' ? 'By' : undefined),
    ...more,
  });
  const errors: string[] = [];
  const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) }) as Logger;
  const web = makeWeb({
    ...{ routes, table: [readHistory], log, url: undefined, hosts: [], trustProxy: [], webDir: undefined },
    door: {
      log,
      isSetUp: () => true,
      audit: () => undefined,
      authenticate: async (request) => sessionOf(request.get('x-site')),
    },
  });
  const server = createServer(web).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    errors,
    get: (query, { accept, site = 'site-1', signal } = {}) => {
      const text = new URLSearchParams(
        Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
      );
      const headers = { ...(site && { 'x-site': site }), ...(accept && { accept }) };
      return fetch(`${url}/api/v1/history?${text}`, { headers, ...(signal && { signal }) });
    },
  };
}

const sessionOf = (siteId: string | undefined): Session | undefined =>
  siteId === undefined
    ? undefined
    : {
        id: `session of ${siteId}`,
        kind: 'user',
        userId: 'u',
        userName: 'u',
        role: 'viewer',
        siteId,
        expiresAt: 2 ** 50,
      };
