import type { Socket } from 'socket.io-client';
import type { z } from 'zod/mini';
import type {
  Ack,
  AgentToAppliance,
  ApplianceToAgent,
  Declaration,
  declaration,
  ExpectedServices,
  Frames,
  Hello,
  HelloAnswer,
  Refusal,
  Skip,
  TopProcesses,
  Welcome,
} from '../protocol/agent-link.ts';
import type { AuditAsk } from '../protocol/audits.ts';
import type { SignedOrder, UpdateAnswer, Updating } from '../protocol/updates.ts';
import * as messages from './messages.ts';

export type LinkSocket = Socket<ApplianceToAgent, AgentToAppliance>;

/** A message that was not accepted or not answered. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly code: Refusal['code'] | 'no-answer' | 'odd-answer' | 'not-taken';

  constructor(code: LinkError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** How a connection ended: lost, or the appliance does not want this agent. */
export interface Ending {
  reason: string;
  refusal?: Refusal;
}

/** A commit takes 5 s at most; an appliance that is silent for longer is taken for gone. */
const ANSWER_MS = 20_000;

/** A proven connection. Everything that comes in is checked; what is asked is answered, or throws `LinkError`. */
export class Session {
  readonly closed: Promise<Ending>;
  readonly #socket: LinkSocket;
  #refusal: Refusal | undefined;

  constructor(socket: LinkSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('disconnect', (reason) => resolve({ reason, ...(this.#refusal && { refusal: this.#refusal }) }));
    });
    socket.on('refused', (error) => {
      const said = messages.refusal.safeParse(error);
      if (said.success) this.#refusal = said.data;
    });
    socket.on('alive', (reply) => {
      if (typeof reply === 'function') reply();
    });
  }

  get isOpen(): boolean {
    return this.#socket.connected;
  }

  hello(message: Hello): Promise<HelloAnswer> {
    return answered(messages.answers.hello, this.#waiting.emitWithAck('hello', message));
  }

  declare(message: z.input<typeof declaration>): Promise<Welcome> {
    return answered(messages.answers.declare, this.#waiting.emitWithAck('declare', message as Declaration));
  }

  frames(message: Frames): Promise<Ack[]> {
    return answered(messages.answers.frames, this.#waiting.emitWithAck('frames', message));
  }

  /** Frames that are not asked for: what became of them is told with the next that are. */
  more(message: Frames): void {
    this.#socket.emit('more', message);
  }

  skip(message: Skip): Promise<Ack> {
    return answered(messages.answers.skip, this.#waiting.emitWithAck('skip', message));
  }

  /** Unpaired on this machine: the appliance takes this agent's right to connect away. */
  leave(): Promise<null> {
    return answered(messages.answers.leave, this.#waiting.emitWithAck('leave'));
  }

  /** The appliance's time, epoch ms. */
  time(): Promise<number> {
    return answered(messages.answers.time, this.#waiting.emitWithAck('time'));
  }

  /** A sample for those who watch; may be lost. */
  watch(sample: Parameters<AgentToAppliance['watch']>[0]): void {
    this.#socket.volatile.emit('watch', sample);
  }

  onWatch(listener: (lease: { intervalMs: number; leaseMs: number }) => void): void {
    this.#socket.on('watch', (message) => {
      const lease = messages.watchLease.safeParse(message);
      if (lease.success) listener(lease.data);
    });
  }

  /** Tells what this machine is, because it is another than before; may be lost. */
  facts(message: Parameters<AgentToAppliance['facts']>[0]): void {
    this.#socket.volatile.emit('facts', message);
  }

  /** Tells which services this machine has; may be lost. */
  found(message: Parameters<AgentToAppliance['found']>[0]): void {
    this.#socket.volatile.emit('found', message);
  }

  onServices(listener: (services: ExpectedServices) => void): void {
    this.#socket.on('services', (message) => {
      const change = messages.servicesChange.safeParse(message);
      if (change.success) listener(change.data.services);
    });
  }

  /** Somebody asks which processes take most. */
  onProcesses(ask: () => Promise<TopProcesses>): void {
    this.#socket.on('processes', (reply) => {
      if (typeof reply !== 'function') return;
      ask().then(
        (value) => reply({ ok: true, value }),
        (error: Error) => reply({ ok: false, reason: error.message.slice(0, 300) }),
      );
    });
  }

  /** Somebody wants this machine audited; answers with what the script wrote, packed. */
  onAudit(ask: (asked: AuditAsk) => Promise<string>): void {
    this.#socket.on('audit', (message, reply) => {
      const asked = messages.auditAsk.safeParse(message);
      if (typeof reply !== 'function' || !asked.success) return;
      ask(asked.data).then(
        (output) => reply({ ok: true, output }),
        (error: Error) => reply({ ok: false, reason: error.message.slice(0, 300) }),
      );
    });
  }

  onInterval(listener: (intervalMs: number) => void): void {
    this.#socket.on('interval', (message) => {
      const change = messages.intervalChange.safeParse(message);
      if (change.success) listener(change.data.intervalMs);
    });
  }

  /** An order to become another version: answered, and followed by itself. Whoever asks it otherwise gets no answer. */
  onUpdate(take: (order: SignedOrder) => Promise<UpdateAnswer>): void {
    this.#socket.on('update', (message, reply) => {
      const order = messages.signedOrder.safeParse(message);
      if (typeof reply !== 'function') return;
      if (!order.success) return reply({ ok: false, reason: 'The order cannot be read' });
      take(order.data).then(reply, (error: Error) => reply({ ok: false, reason: error.message.slice(0, 500) }));
    });
  }

  /** How far an order is; may be lost. */
  updating(message: Updating): void {
    this.#socket.emit('updating', message);
  }

  /** Says goodbye. */
  close(): void {
    this.#socket.disconnect();
  }

  get #waiting() {
    return this.#socket.timeout(ANSWER_MS);
  }
}

/** The value of an answer; throws `LinkError` when it is a refusal, odd, or does not come. */
async function answered<T>(schema: messages.AnswerTo<T>, asked: Promise<unknown>): Promise<T> {
  const said = await asked.catch(() => {
    throw new LinkError('no-answer', 'the appliance did not answer in time');
  });
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw new LinkError('odd-answer', 'the appliance answered something else than it should');
  if (parsed.data.ok) return parsed.data.value;
  throw new LinkError(parsed.data.error.code, parsed.data.error.message);
}
