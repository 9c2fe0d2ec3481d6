import { randomBytes } from 'node:crypto';
import type { Namespace } from 'socket.io';
import { verifyChallenge } from '../../discovery/pairing/challenge.ts';
import {
  type AgentToAppliance,
  type Answer,
  type ApplianceToAgent,
  challengeAnswer,
  type ExpectedServices,
  INTERVAL_MS,
  type Refusal,
} from '../../protocol/agent-link.ts';
import type { AuditAsk } from '../../protocol/audits.ts';
import type { SignedOrder } from '../../protocol/updates.ts';
import { judgeProtocol, OLDEST_PROTOCOL, PROTOCOL } from '../../protocol/version.ts';
import type { Logger } from '../log.ts';
import { type AgentSocket, listenTo } from './agent-messages.ts';
import { AgentSession, type SessionParts } from './agent-session.ts';
import type { AgentRecord } from './documents.ts';
import { LinkRefusal } from './link-refusal.ts';
import type { Registry } from './registry.ts';

export type AgentNamespace = Namespace<AgentToAppliance, ApplianceToAgent>;

const CHALLENGE_MS = 3_000;
const ORDER_MS = 15_000;
const MOST_UNPROVEN = 256;
/** Its first answer is over a second, and a machine that is busy takes its time. */
const PROCESSES_MS = 10_000;
/** The agent's own limit is 60 s. */
const AUDIT_MS = 75_000;

export interface GatewayOptions {
  namespace: AgentNamespace;
  registry: Registry;
  applianceId: string;
  parts: SessionParts;
  log: Logger;
}

/** Lets paired agents in: each proves its key on every connection, then speaks through its session. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #sockets = new Map<string, AgentSocket>();
  #unproven = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    // Over plain HTTP anybody in between could speak for the appliance; polling would split one proof over many requests.
    options.namespace.use(({ handshake, conn }, next) => {
      next(
        handshake.secure && conn.transport.name === 'websocket'
          ? undefined
          : new Error('agents connect by websocket over HTTPS'),
      );
    });
    options.namespace.on('connection', (socket) => void this.#admit(socket));
  }

  isConnected(agentId: string): boolean {
    return this.#sockets.has(agentId);
  }

  get connected(): number {
    return this.#sockets.size;
  }

  /** Asks the agents of a host for samples at 1 s while somebody looks. */
  watch(hostId: string): void {
    this.#toHost(hostId, (socket) =>
      socket.emit('watch', { intervalMs: INTERVAL_MS.watch, leaseMs: INTERVAL_MS.watchLease }),
    );
  }

  setInterval(hostId: string, intervalMs: number): void {
    this.#toHost(hostId, (socket) => socket.emit('interval', { intervalMs }));
  }

  setServices(hostId: string, services: ExpectedServices): void {
    this.#toHost(hostId, (socket) => socket.emit('services', { services }));
  }

  /** Asks a host's agent which processes take most; undefined where none is connected. Rejects when it does not answer in time. */
  askProcesses(hostId: string): Promise<unknown> | undefined {
    const agent = this.#options.registry.ofHost(hostId).find(({ id }) => this.#sockets.has(id));
    return agent && this.#sockets.get(agent.id)?.timeout(PROCESSES_MS).emitWithAck('processes');
  }

  /** Has a host's agent audit its machine; undefined where none is connected. Rejects when it does not answer in time. */
  askAudit(hostId: string, asked: AuditAsk): Promise<unknown> | undefined {
    const agent = this.#options.registry.ofHost(hostId).find(({ id }) => this.#sockets.has(id));
    return agent && this.#sockets.get(agent.id)?.timeout(AUDIT_MS).emitWithAck('audit', asked);
  }

  /** Sends an order to update; what comes back is not checked yet. Fails when the agent is not connected, or does not answer. */
  async update(agentId: string, order: SignedOrder): Promise<unknown> {
    const socket = this.#sockets.get(agentId);
    if (!socket) throw new Error('the agent is not connected');
    return socket.timeout(ORDER_MS).emitWithAck('update', order);
  }

  /** Ends an agent's session and tells it why. */
  expel(agentId: string, refusal: Refusal): void {
    const socket = this.#sockets.get(agentId);
    if (socket) this.#refuse(socket, refusal);
  }

  /** Ends an agent's session without a word: it comes back by itself, as what it is now. */
  reconnect(agentId: string): void {
    this.#sockets.get(agentId)?.disconnect(true);
  }

  /** The appliance's time was set: what the agents have measured against it is wrong. */
  reconnectAll(): void {
    for (const agentId of [...this.#sockets.keys()]) this.reconnect(agentId);
  }

  async #admit(socket: AgentSocket): Promise<void> {
    if (this.#unproven >= MOST_UNPROVEN) return void socket.disconnect(true);
    this.#unproven++;
    try {
      const record = await this.#prove(socket);
      await this.#refuseClone(socket, record);
      if (socket.connected) this.#open(socket, record);
    } catch (error) {
      this.#options.log.info({ from: socket.handshake.address, reason: String(error) }, 'agent refused');
      this.#refuse(
        socket,
        error instanceof LinkRefusal
          ? error.refusal
          : { code: 'unauthenticated', message: 'The challenge was not answered' },
      );
    } finally {
      this.#unproven--;
    }
  }

  async #prove(socket: AgentSocket): Promise<AgentRecord> {
    const { applianceId, registry } = this.#options;
    const nonce = randomBytes(32).toString('base64url');
    const said: unknown = await socket
      .timeout(CHALLENGE_MS)
      .emitWithAck('challenge', { protocol: PROTOCOL, applianceId, nonce });
    const { protocol, agentId, signature } = challengeAnswer.parse(said);
    const verdict = judgeProtocol(protocol);
    if (verdict === 'peer-too-old')
      throw new LinkRefusal(
        'protocol',
        `This agent speaks protocol ${protocol}, at least ${OLDEST_PROTOCOL} is needed: update the agent`,
      );
    if (verdict === 'peer-too-new')
      throw new LinkRefusal(
        'protocol',
        `This agent speaks protocol ${protocol}, the appliance ${PROTOCOL}: update the appliance`,
      );
    const record = registry.get(agentId);
    if (!record || !verifyChallenge({ applianceId, agentId, nonce }, record.publicKey, signature)) {
      throw new LinkRefusal('unauthenticated', 'This agent is not paired with this appliance: pair it again');
    }
    if (record.state === 'revoked')
      throw new LinkRefusal(
        'revoked',
        record.leftAt === undefined
          ? 'This agent was revoked in the dashboard: pair it again to let it in'
          : 'This agent was unpaired on its machine: pair it again to let it in',
      );
    if (record.state === 'quarantined')
      throw new LinkRefusal(
        'quarantined',
        'Two machines use this agent’s key: pair one of them anew, or release it in the dashboard',
      );
    return record;
  }

  /** The same key twice, both alive: a cloned disk. Neither is believed until a person has looked. A dead old connection is just replaced. */
  async #refuseClone(socket: AgentSocket, { id }: AgentRecord): Promise<void> {
    const other = this.#sockets.get(id);
    if (!other) return;
    const isAlive = await other
      .timeout(CHALLENGE_MS)
      .emitWithAck('alive')
      .then(
        () => true,
        () => false,
      );
    if (!isAlive || !socket.connected) return void other.disconnect(true);
    const { siteId, hostId } = await this.#options.registry.change(id, { state: 'quarantined' });
    const { hub, now } = this.#options.parts;
    const who = { who: 'appliance', from: socket.handshake.address, siteId };
    hub.emit('audit', { at: now(), ...who, what: 'agent.quarantined', detail: { agentId: id, hostId } });
    const refusal: Refusal = {
      code: 'quarantined',
      message: 'Two machines use this agent’s key: pair one of them anew, or release it in the dashboard',
    };
    this.#refuse(other, refusal);
    throw new LinkRefusal(refusal.code, refusal.message);
  }

  #open(socket: AgentSocket, { id: agentId, hostId, siteId }: AgentRecord): void {
    const { parts, log } = this.#options;
    const session = new AgentSession({ agentId, hostId, siteId }, parts);
    this.#sockets.set(agentId, socket);
    listenTo(socket, session, { log, now: parts.now, clockIsTrusted: parts.clockIsTrusted });
    socket.on('leave', (reply) => {
      if (typeof reply === 'function') void this.#leave(agentId, socket, reply);
    });
    socket.on('disconnect', (reason) => {
      if (this.#sockets.get(agentId) !== socket) return;
      this.#sockets.delete(agentId);
      log.info({ agentId, hostId, reason }, 'agent disconnected');
      parts.hub.emit('session', { siteId, hostId, agentId, state: 'closed', at: parts.now(), reason });
    });
    log.info({ agentId, hostId }, 'agent connected');
    parts.hub.emit('session', { siteId, hostId, agentId, state: 'open', at: parts.now(), reason: 'connected' });
    socket.emit('ready');
  }

  /** It was unpaired on its machine. Answered when that is stored; then nothing more is taken from it. */
  async #leave(agentId: string, socket: AgentSocket, reply: (answer: Answer<null>) => void): Promise<void> {
    const { registry, parts, log } = this.#options;
    try {
      const at = parts.now();
      const { siteId, hostId } = await registry.change(agentId, { state: 'revoked', leftAt: at });
      const detail = { agentId, hostId };
      parts.hub.emit('audit', { at, siteId, who: 'agent', from: socket.handshake.address, what: 'agent.left', detail });
      reply({ ok: true, value: null });
    } catch (error) {
      log.error({ err: error, agentId }, 'an agent that left could not be stored');
      reply({ ok: false, error: { code: 'storage', message: 'The appliance could not store this' } });
    }
    socket.disconnect(true);
  }

  #refuse(socket: AgentSocket, refusal: Refusal): void {
    socket.emit('refused', refusal);
    socket.disconnect(true);
  }

  #toHost(hostId: string, send: (socket: AgentSocket) => void): void {
    for (const { id } of this.#options.registry.ofHost(hostId)) {
      const socket = this.#sockets.get(id);
      if (socket) send(socket);
    }
  }
}
