import { io, type ManagerOptions, NodeWebSocket, type SocketOptions } from 'socket.io-client';
import { signChallenge } from '../discovery/pairing/challenge.ts';
import { pinnedAgent } from '../discovery/pairing/pinned.ts';
import { AGENTS_NAMESPACE } from '../protocol/limits.ts';
import { judgeProtocol, PROTOCOL } from '../protocol/version.ts';
import type { Identity } from './identity.ts';
import * as messages from './messages.ts';
import { type LinkSocket, Session } from './session.ts';

const CONNECT_MS = 10_000;
/** Nothing that an appliance says to an agent is near this. */
const LARGEST_MESSAGE = 256 * 1024;

/** The appliance could not be reached, or who answered is not it, or it does not want this agent (`refusal`). */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly code: 'unreachable' | 'impostor' | 'refused';
  readonly refusal: { code: string; message: string } | undefined;

  constructor(code: ConnectError['code'], message: string, refusal?: { code: string; message: string }) {
    super(message);
    this.code = code;
    this.refusal = refusal;
  }
}

/** Opens a connection to the paired appliance at `url` and proves who we are; throws `ConnectError`. */
export function connect(url: string, identity: Identity): Promise<Session> {
  const agent = pinnedAgent(identity);
  const socket: LinkSocket = io(url + AGENTS_NAMESPACE, socketOptions(agent));
  return new Promise((resolve, reject) => {
    const giveUp = (error: ConnectError) => {
      clearTimeout(timer);
      reject(error); // Before the disconnect, which is one more reason to give up.
      socket.disconnect();
      agent.destroy();
    };
    const timer = setTimeout(() => giveUp(new ConnectError('unreachable', `${url} does not answer`)), CONNECT_MS);
    socket.on('connect_error', (error) => giveUp(failure(url, error)));
    socket.on('disconnect', () => giveUp(new ConnectError('unreachable', `${url} closed the connection`)));
    socket.on('refused', (said) => giveUp(refusedBy(said)));
    socket.on('challenge', (asked, reply) => {
      const proof = prove(asked, identity);
      if (proof instanceof ConnectError) giveUp(proof);
      else reply(proof);
    });
    socket.once('ready', () => {
      clearTimeout(timer);
      for (const event of ['connect_error', 'disconnect', 'refused', 'challenge'] as const) socket.off(event);
      const session = new Session(socket);
      void session.closed.then(() => agent.destroy());
      resolve(session);
    });
  });
}

/**
 * A websocket whose messages go out unmasked (with a mask of zeros, as ws allows). Masks are for proxies that read along and could be
 * talked into keeping a page's message as somebody's answer (RFC 6455 §10.3); here TLS ends at the pinned appliance. They were 4 % of
 * an agent's work, byte by byte.
 */
class PlainWebSocket extends NodeWebSocket {
  override createSocket(uri: string, protocols: string | string[] | undefined, opts: Record<string, unknown>) {
    return super.createSocket(uri, protocols, { ...opts, generateMask: (mask: Buffer) => void mask.fill(0) });
  }
}

/** `maxPayload` is passed on to ws, though the type does not name it. */
function socketOptions(agent: ReturnType<typeof pinnedAgent>): Partial<ManagerOptions & SocketOptions> {
  const limits = { maxPayload: LARGEST_MESSAGE, perMessageDeflate: false };
  return {
    transports: [PlainWebSocket],
    reconnection: false,
    forceNew: true,
    timeout: CONNECT_MS,
    // The type knows browsers only, where it would be a name.
    agent: agent as unknown as string,
    ...(limits as object),
  };
}

function prove(asked: unknown, { applianceId, agentId, key }: Identity) {
  const parsed = messages.challenge.safeParse(asked);
  if (!parsed.success || parsed.data.applianceId !== applianceId)
    return new ConnectError('impostor', 'the challenge is not the paired appliance’s');
  const { protocol, nonce } = parsed.data;
  const verdict = judgeProtocol(protocol);
  if (verdict !== 'ok') {
    const side = verdict === 'peer-too-old' ? 'appliance' : 'agent';
    const message = `The appliance speaks protocol ${protocol}, this agent ${PROTOCOL}: update the ${side}`;
    return new ConnectError('refused', message, { code: 'protocol', message });
  }
  return { protocol: PROTOCOL, agentId, signature: signChallenge({ applianceId, agentId, nonce }, key.privateKeyPem) };
}

function refusedBy(said: unknown): ConnectError {
  const parsed = messages.refusal.safeParse(said);
  const refusal = parsed.success
    ? parsed.data
    : { code: 'unauthenticated', message: 'The appliance refused this agent' };
  return new ConnectError('refused', refusal.message, refusal);
}

const CERTIFICATE = /certificate|issuer|altname|ERR_TLS|handshake/i;

/** socket.io wraps the reason two deep. */
function failure(url: string, error: Error): ConnectError {
  let reason = error.message;
  for (let at: unknown = error, depth = 0; depth < 4 && typeof at === 'object' && at !== null; depth++) {
    if ('message' in at && typeof at.message === 'string' && at.message !== '') reason = at.message;
    at = 'description' in at ? at.description : 'error' in at ? at.error : undefined;
  }
  return CERTIFICATE.test(reason)
    ? new ConnectError('impostor', `who answers at ${url} is not the paired appliance (${reason})`)
    : new ConnectError('unreachable', `${url} cannot be reached: ${reason}`);
}
