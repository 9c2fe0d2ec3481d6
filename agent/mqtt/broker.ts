import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  connectPacket,
  disconnectPacket,
  type FromBroker,
  PacketReader,
  pingPacket,
  publishPacket,
} from './packets.ts';
import type { MqttSettings } from './settings.ts';

/** The broker cannot be used; `isLasting` when it will not get better by itself. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code = 'broker';
  readonly isLasting: boolean;

  constructor(message: string, isLasting = false) {
    super(message);
    this.isLasting = isLasting;
  }
}

const CONNECT_MS = 10_000;
/** A broker that has not acknowledged for so long is taken for gone. */
const ANSWER_MS = 20_000;
const KEEP_ALIVE_S = 90;
const GOODBYE_MS = 1_000;
const PING_EVERY_MS = 60_000;
/** Messages that wait for their acknowledgement; ids have 16 bits. */
const MOST_OPEN = 200;

/** Return codes of CONNACK, §3.2.2.3. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'it does not speak MQTT 3.1.1',
  2: 'it refuses the name of this client',
  3: 'it is not ready',
  4: 'it refuses user name or password',
  5: 'it does not let this user in',
};

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
  since: number;
}

/** One proven connection to a broker. */
export class Broker {
  /** Resolves with the reason when the connection has ended. */
  readonly closed: Promise<Error>;
  readonly #socket: Socket;
  readonly #reader = new PacketReader();
  readonly #open = new Map<number, Waiting>();
  readonly #waitingForRoom: (() => void)[] = [];
  #id = 0;
  #hasEnded = false;
  #answeredAt = performance.now();
  #askedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #onConnack: ((code: number) => void) | undefined;
  #end: (error: Error) => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    socket.on('data', (bytes) => this.#take(bytes));
    socket.once('error', (error: NodeJS.ErrnoException) => this.#fail(reasonOf(error)));
    socket.once('close', () => this.#fail(new BrokerError('the broker closed the connection')));
  }

  /** Connects and signs in. Throws `BrokerError`. */
  static async connect(settings: MqttSettings, clientId: string): Promise<Broker> {
    const broker = new Broker(dial(settings));
    const { userName, password } = settings;
    const said = new Promise<number>((resolve) => {
      broker.#onConnack = resolve;
    });
    const credentials = { ...(userName !== undefined && { userName }), ...(password !== undefined && { password }) };
    // Nothing is written to a broker before its certificate was believed.
    const whenOpen = settings.url.startsWith('mqtts:') ? 'secureConnect' : 'connect';
    broker.#socket.once(whenOpen, () =>
      broker.#socket.write(connectPacket({ clientId, ...credentials, keepAliveS: KEEP_ALIVE_S })),
    );
    const timer = setTimeout(() => broker.#fail(new BrokerError('the broker did not answer in time')), CONNECT_MS);
    const first = await Promise.race([said, broker.closed]).finally(() => clearTimeout(timer));
    if (first instanceof Error) throw first;
    const refusal =
      first === 0
        ? undefined
        : new BrokerError(`the broker refuses: ${REFUSALS[first] ?? `code ${first}`}`, first === 4 || first === 5);
    if (refusal) {
      broker.#fail(refusal);
      throw refusal;
    }
    broker.#timer = setInterval(() => broker.#tend(), PING_EVERY_MS / 6);
    return broker;
  }

  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  /** Resolves when the broker has acknowledged; rejects when the connection ends before. Waits for its turn when many are open. */
  async publish(topic: string, payload: string, { isAgain = false } = {}): Promise<void> {
    while (this.#open.size >= MOST_OPEN) await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
    if (!this.isOpen) throw new BrokerError('the connection has ended');
    do this.#id = (this.#id % 0xffff) + 1;
    while (this.#open.has(this.#id));
    const id = this.#id;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject, since: performance.now() });
      this.#askedAt = performance.now();
      this.#socket.write(publishPacket({ id, topic, payload, isAgain }));
    });
  }

  /** Says goodbye. */
  close(): void {
    if (this.isOpen) this.#socket.write(disconnectPacket());
    this.#fail(new BrokerError('the agent ends'));
  }

  #take(bytes: Buffer): void {
    try {
      for (const packet of this.#reader.take(bytes)) this.#hear(packet);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #hear(packet: FromBroker): void {
    this.#answeredAt = performance.now();
    if (packet.kind === 'connack') this.#onConnack?.(packet.code);
    if (packet.kind !== 'puback') return;
    const waiting = this.#open.get(packet.id);
    this.#open.delete(packet.id);
    waiting?.resolve();
    this.#waitingForRoom.shift()?.();
  }

  #tend(): void {
    const now = performance.now();
    const [oldest] = this.#open.values();
    const isSilent = oldest !== undefined && now - oldest.since > ANSWER_MS;
    if (isSilent || now - this.#answeredAt > KEEP_ALIVE_S * 1000) {
      this.#fail(new BrokerError('the broker does not answer any more'));
      return;
    }
    if (now - this.#askedAt < PING_EVERY_MS) return;
    this.#askedAt = now;
    this.#socket.write(pingPacket());
  }

  #fail(error: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#timer);
    this.#end(error);
    // What was written goes out, unless nobody takes it.
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), GOODBYE_MS).unref();
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
    for (const goOn of this.#waitingForRoom.splice(0)) goOn();
  }
}

function dial({ url, ca }: MqttSettings): Socket {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'mqtt:') return connectPlain({ host, port: Number(port || 1883) });
  return connectTls({
    host,
    port: Number(port || 8883),
    minVersion: 'TLSv1.2',
    ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
    ...(ca !== undefined && { ca }),
  });
}

function reasonOf({ code = '', message }: NodeJS.ErrnoException): BrokerError {
  if (/CERT|UNABLE_TO|SIGNATURE|ALTNAME/.test(code))
    return new BrokerError(
      'the certificate of the broker is not trusted: name its CA, and its host as it is written there',
      true,
    );
  return new BrokerError(`the broker cannot be reached: ${code || message}`);
}
