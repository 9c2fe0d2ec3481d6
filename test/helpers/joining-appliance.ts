import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { PairingError } from '../../discovery/pairing/failure.ts';
import { JoinDesk } from '../../discovery/pairing/join-desk.ts';
import { serverName } from '../../discovery/pairing/keys.ts';
import { joinConfirm, joinLook, joinReveal, joinStart } from '../../protocol/joining.ts';
import { PROBLEMS } from '../../protocol/problem.ts';
import { type TestCa, type TestLeaf, testCa, testLeaf } from './certificates.ts';
import { closeServer, listen } from './pairing-appliance.ts';

export interface JoiningAppliance {
  id: string;
  ca: TestCa;
  leaf: TestLeaf;
  desk: JoinDesk;
  url: string;
  server: Server;
  /** Path and body of everything that was asked. */
  requests: { path: string; body: string }[];
  joined: string[];
  pass(ms: number): void;
  now(): number;
  close(): Promise<void>;
}

/** Numbers that rise, in the form of an id. */
let made = 0;
const risingId = (): string => `01890000-0000-7000-8000-${String(++made).padStart(12, '0')}`;

/** The appliance's half of joining by digits on a real TLS server at loopback. A rogue's says yes to everything. */
export async function joiningAppliance(
  options: { id?: string; leaf?: (ca: TestCa, id: string) => Promise<TestLeaf>; isRogue?: boolean } = {},
): Promise<JoiningAppliance> {
  const id = options.id ?? randomUUID();
  const ca = await testCa();
  const leaf = await (options.leaf ?? ((issuer, of) => testLeaf(issuer, [serverName(of)])))(ca, id);
  const desk = new JoinDesk({ applianceId: id, ca: ca.pem, leaf: leaf.cert, random: randomBytes, newId: risingId });
  const requests: JoiningAppliance['requests'] = [];
  const joined: string[] = [];
  let passed = 0;
  const now = () => Date.now() + passed;
  const steps: Record<string, (body: unknown, from: string) => unknown> = {
    '/api/v1/pairing/join': (body, from) => desk.start(joinStart.parse(body), { now: now(), from }),
    '/api/v1/pairing/join/reveal': (body, from) => desk.reveal(joinReveal.parse(body), { now: now(), from }),
    '/api/v1/pairing/join/look': (body, from) => {
      const state = desk.look(joinLook.parse(body).joinId, { now: now(), from });
      return options.isRogue ? { ...state, state: 'accepted' } : state;
    },
    '/api/v1/pairing/join/confirm': (body, from) => {
      const message = joinConfirm.parse(body);
      if (!options.isRogue) desk.confirm(message, { now: now(), from });
      joined.push(message.joinId);
      return { agentId: risingId() };
    },
  };
  const server = createServer({ ...leaf, minVersion: 'TLSv1.3' }, async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const path = request.url ?? '';
    requests.push({ path, body: text });
    try {
      response.end(JSON.stringify(steps[path]?.(JSON.parse(text), request.socket.remoteAddress ?? '')));
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
    url,
    server,
    requests,
    joined,
    now,
    pass: (ms) => {
      passed += ms;
    },
    close: () => closeServer(server),
  };
}
