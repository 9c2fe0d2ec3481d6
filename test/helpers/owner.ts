import type { Host } from '../../protocol/hosts.ts';
import type { HistoryAnswer, HistoryHost } from '../../protocol/routes/history.ts';
import type { RunningAppliance } from './appliance.ts';

export const OWNER = { userName: 'owner', password: 'correct horse battery staple', siteName: 'Test bench' };

interface Answer {
  status: number;
  body: unknown;
}

/** What is stored of one host: the moments that have a value of any series, and lists of the same length. */
export interface StoredRows {
  at: number[];
  series: { metric: string; average: (number | null)[] }[];
  gaps: HistoryHost['gaps'];
  late: HistoryHost['late'];
}

/** Somebody who is signed in over HTTP, with the cookie of the session. */
export interface Owner {
  readonly cookie: string;
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  hosts(): Promise<Host[]>;
  /** Text of a new one-time token. */
  token(name?: string): Promise<string>;
  history(
    hostId: string,
    query: { from: number; to: number; metrics?: string; maxPoints?: number; resolution?: string },
  ): Promise<StoredRows>;
}

async function send(url: string, method: string, { body, cookie }: { body?: unknown; cookie?: string }) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(cookie ? { cookie } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text ? JSON.parse(text) : undefined,
    cookies: response.headers.getSetCookie(),
  };
}

function asOwner(base: string, cookie: string): Owner {
  const request = (method: string, path: string, body?: unknown) => send(base + path, method, { body, cookie });
  const must = async (method: string, path: string, body?: unknown) => {
    const answer = await request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    cookie,
    request,
    hosts: async () => ((await must('GET', '/api/v1/hosts')) as { items: Host[] }).items,
    token: async (name) => {
      const made = (await must('POST', '/api/v1/agents/tokens', name ? { name } : {})) as { token: string };
      return made.token;
    },
    history: async (hostId, query) => {
      const text = new URLSearchParams(
        Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
      );
      return rowsOf((await must('GET', `/api/v1/history?hosts=${hostId}&${text}`)) as HistoryAnswer);
    },
  };
}

function rowsOf({ first, stepMs, steps, hosts, series }: HistoryAnswer): StoredRows {
  const all = Array.from({ length: steps }, (_, step) => step);
  const known = all.filter((step) => series.some(({ average }) => typeof average?.[step] === 'number'));
  return {
    at: known.map((step) => first + step * stepMs),
    series: series.map(({ metric, average }) => ({ metric, average: known.map((step) => average?.[step] ?? null) })),
    gaps: hosts[0]?.gaps ?? [],
    late: hosts[0]?.late ?? [],
  };
}

const cookieOf = (cookies: readonly string[]): string => cookies.map((each) => each.split(';')[0]).join('; ');

/** Makes the owner's account with the code that the appliance printed, signs in, and leaves the other steps of set-up out. */
export async function createOwner({
  httpUrl,
  setupCode,
}: Pick<RunningAppliance, 'httpUrl' | 'setupCode'>): Promise<Owner> {
  const { status, body, cookies } = await send(`${httpUrl}/api/v1/setup/owner`, 'POST', {
    body: { code: setupCode, ...OWNER },
  });
  if (status !== 201) throw new Error(`the owner could not be made: ${status} ${JSON.stringify(body)}`);
  const owner = asOwner(httpUrl, cookieOf(cookies));
  await owner.request('PUT', '/api/v1/onboarding', { step: 'done' });
  return owner;
}

/** Signs in as the owner that `createOwner` made, as after a restart. */
export async function signIn({ httpUrl }: Pick<RunningAppliance, 'httpUrl'>): Promise<Owner> {
  const { userName, password } = OWNER;
  const { status, body, cookies } = await send(`${httpUrl}/api/v1/session`, 'POST', { body: { userName, password } });
  if (status !== 201) throw new Error(`could not sign in: ${status} ${JSON.stringify(body)}`);
  return asOwner(httpUrl, cookieOf(cookies));
}
