import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type PairedAgent, PairingDesk } from '../../discovery/pairing/appliance.ts';
import { PairingError } from '../../discovery/pairing/failure.ts';
import { serverName } from '../../discovery/pairing/keys.ts';
import type { TokenRecord, TokenTerms } from '../../discovery/pairing/token-drawer.ts';
import type { HostFacts } from '../../protocol/agent-link.ts';
import { pairFinish, pairStart } from '../../protocol/pairing.ts';
import { PROBLEMS } from '../../protocol/problem.ts';
import { type TestCa, type TestLeaf, testCa, testLeaf } from './certificates.ts';

export const someFacts: HostFacts = {
  hostName: 'nas',
  platform: 'linux',
  os: 'Debian 12',
  kernel: '6.1',
  architecture: 'x64',
  addresses: ['10.77.0.12'],
  macs: ['02:77:00:00:00:02'],
};

export interface TestAppliance {
  id: string;
  ca: TestCa;
  leaf: TestLeaf;
  desk: PairingDesk;
  /** Every record that the desk handed out to be stored, in order. */
  stored: TokenRecord[];
  paired: PairedAgent[];
  /** Paths that were asked for. */
  requests: string[];
  url: string;
  server: Server;
  /** Moves the appliance's clock. */
  pass(ms: number): void;
  issue(terms?: TokenTerms): { text: string; tokenId: string };
  close(): Promise<void>;
}

/** The appliance's half of pairing on a real TLS server at loopback, as the real appliance mounts it. */
export async function testAppliance(
  options: { leaf?: (ca: TestCa, id: string) => Promise<TestLeaf>; losesAnswers?: number } = {},
): Promise<TestAppliance> {
  const id = randomUUID();
  const ca = await testCa();
  const leaf = await (options.leaf ?? ((issuer, of) => testLeaf(issuer, [serverName(of)])))(ca, id);
  const stored: TokenRecord[] = [];
  const paired: PairedAgent[] = [];
  const requests: string[] = [];
  let passed = 0;
  let toLose = options.losesAnswers ?? 0;
  const desk = new PairingDesk({
    applianceId: id,
    ca: ca.pem,
    leaf: leaf.cert,
    random: randomBytes,
    newId: randomUUID,
    onChange: (record) => stored.push(record),
  });
  const now = () => Date.now() + passed;
  const answer = (path: string, body: unknown, from: string): unknown => {
    if (path === '/api/v1/pairing/start') return desk.start(pairStart.parse(body), { now: now(), from });
    const result = desk.finish(pairFinish.parse(body), { now: now(), from });
    if (result.paired) paired.push(result.paired);
    return result.done;
  };
  const server = createServer({ ...leaf, minVersion: 'TLSv1.3' }, async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    requests.push(request.url ?? '');
    try {
      const said = answer(request.url ?? '', JSON.parse(text), request.socket.remoteAddress ?? '');
      if (request.url?.endsWith('/finish') && toLose-- > 0) return void request.socket.destroy();
      response.end(JSON.stringify(said));
    } catch (error) {
      const code = error instanceof PairingError && error.code in PROBLEMS ? error.code : 'invalid-request';
      response.statusCode = PROBLEMS[code as keyof typeof PROBLEMS].status;
      response.end(JSON.stringify({ code, detail: error instanceof Error ? error.message : '' }));
    }
  });
  const url = await listen(server);
  return {
    id,
    ca,
    leaf,
    desk,
    stored,
    paired,
    requests,
    url,
    server,
    pass: (ms) => {
      passed += ms;
    },
    issue: (terms) => {
      const { text, record } = desk.issue(now(), terms);
      return { text, tokenId: record.tokenId };
    },
    close: () => closeServer(server),
  };
}

/** Listens on a free port of loopback and answers the https URL. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
