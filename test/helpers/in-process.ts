import { type Appliance, startAppliance } from '../../appliance/main.ts';
import type { ApplianceOptions } from '../../appliance/options.ts';
import type { SessionAnswer } from '../../protocol/routes/access.ts';
import { makeDirectory, removeDirectory } from './temporary.ts';

export interface Answered {
  status: number;
  // Tests look into answers of every shape; each asserts what it reads.
  body: Record<string, unknown> & unknown[];
  headers: Headers;
}

export interface InProcess {
  appliance: Appliance;
  data: string;
  /** `http://127.0.0.1:port`. */
  http: string;
  https: string;
  setupCode: string;
  printed: string[];
  /** Sends JSON with the cookie of the last sign-in. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** Makes the owner and signs in. */
  setUp(): Promise<SessionAnswer>;
  cookie(): string;
  forgetCookie(): void;
  stop(): Promise<void>;
}

/** Starts the appliance from source in this process, on free ports and without mDNS or own agent unless asked for. */
export async function startInProcess(options: Partial<ApplianceOptions> = {}): Promise<InProcess> {
  const data = options.data ?? makeDirectory();
  const printed: string[] = [];
  const appliance = await startAppliance({
    httpPort: 0,
    httpsPort: 0,
    logLevel: 'silent',
    url: undefined,
    hosts: [],
    trustProxy: [],
    key: undefined,
    mdns: false,
    selfAgent: false,
    systemRun: '/nonexistent',
    systemOrders: '/nonexistent',
    distDir: '/nonexistent',
    isTerminal: false,
    print: (text) => void printed.push(text),
    ...options,
    data,
  });
  const local = (url: string): string => `${new URL(url).protocol}//127.0.0.1:${new URL(url).port}`;
  const http = local(appliance.httpUrl);
  let cookie = '';

  const call: InProcess['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(http + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(cookie && { cookie }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const set = response.headers.get('set-cookie');
    if (set) cookie = set.split(';')[0] ?? '';
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  const setupCode = /#code=(\S+)/.exec(printed.join(''))?.[1] ?? '';
  return {
    appliance,
    data,
    http,
    https: local(appliance.httpsUrl),
    setupCode,
    printed,
    call,
    cookie: () => cookie,
    forgetCookie: () => {
      cookie = '';
    },
    async setUp() {
      const { status, body } = await call('POST', '/api/v1/setup/owner', {
        code: setupCode,
        userName: 'owner',
        password: 'correct horse',
      });
      if (status !== 201) throw new Error(`set-up answered ${status}: ${JSON.stringify(body)}`);
      return body as unknown as SessionAnswer;
    },
    async stop() {
      await appliance.stop();
      if (!options.data) removeDirectory(data);
    },
  };
}
