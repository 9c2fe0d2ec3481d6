import bonjour from 'bonjour-service';
import { isOn, type LanInterface } from './interfaces.ts';
import type { DiscoveryLog } from './log.ts';
import { type Question, readQuestions, readRecords } from './packets.ts';
import type { DnsRecord } from './records.ts';

export interface LinkOptions {
  log: DiscoveryLog;
  /** Records that were heard on this interface, and from which address. */
  onRecords: (records: DnsRecord[], from: string) => void;
  /** The socket cannot be used (port held, not allowed); the link is closed. */
  onBroken: (error: Error) => void;
  /** Of mDNS when absent; tests take another, to be among themselves. */
  port?: number;
}

/** The parts of bonjour-service and multicast-dns that are relied on; `serverOf` checks that they are there. */
interface Mdns {
  on(event: string, listener: (...values: never[]) => void): void;
  removeAllListeners(event: string): void;
  query(questions: Question[], done: (error?: Error | null) => void): void;
  respond(records: readonly DnsRecord[], done: (error?: Error | null) => void): void;
  destroy(done?: () => void): void;
}
interface Source {
  address: string;
}
interface Server {
  mdns: Mdns;
  registry: Record<string, unknown>;
  register(records: readonly DnsRecord[]): void;
  respondToQuery(query: { questions: Question[] }): void;
}

const MDNS_PORT = 5353;
/** Answers in a second on one interface; a flood of questions must not become a flood of multicasts. */
const ANSWERS_PER_SECOND = 40;
const GOODBYE_LIMIT_MS = 300;

/**
 * mDNS on one interface, and the one place that knows bonjour-service. It gives the socket, the codec and the answering of questions;
 * publishing and browsing are done in this folder, because the library's own freeze addresses, keep the dead, drop the living and
 * take shared records down. Never throws later: what goes wrong is logged once per kind, or ends in `onBroken`.
 */
export class Link {
  readonly interface: LanInterface;
  readonly #options: LinkOptions;
  readonly #server: Server;
  readonly #complaints = new Set<string>();
  readonly #allowance = { since: 0, answers: 0 };
  #names: ReadonlySet<string> = new Set();
  #isClosed = false;

  constructor(lan: LanInterface, options: LinkOptions) {
    this.interface = lan;
    this.#options = options;
    // bind: a socket on the interface's own address gets no multicasts. Without a callback, errors would be thrown at nobody.
    const sockets = { interface: lan.address, bind: '0.0.0.0', loopback: true, port: options.port ?? MDNS_PORT };
    this.#server = serverOf(new bonjour.Bonjour(sockets as object, (error: Error) => this.#complain(error)));
    const { mdns } = this.#server;
    mdns.removeAllListeners('query');
    mdns.on('warning', (error: Error) => this.#complain(error));
    mdns.on('error', (error: Error) => this.#break(error));
    mdns.on('response', (packet: unknown, { address }: Source) => this.#guard(() => this.#heard(packet, address)));
    mdns.on('query', (packet: unknown, { address }: Source) => this.#guard(() => this.#asked(packet, address)));
  }

  /** From now on questions are answered with these records, and with no others. */
  answerWith(records: readonly DnsRecord[]): void {
    this.#names = new Set(records.map((record) => record.name.toLowerCase()));
    this.#server.registry = {};
    this.#server.register(records);
  }

  /** Tells the LAN at once. */
  announce(records: readonly DnsRecord[]): void {
    this.#guard(() => this.#server.mdns.respond([...records], (error) => this.#complain(error)));
  }

  ask(questions: readonly Question[]): void {
    this.#guard(() => this.#server.mdns.query([...questions], (error) => this.#complain(error)));
  }

  /** Says goodbye with these records, if any, and closes the socket. */
  async close(goodbyes: readonly DnsRecord[]): Promise<void> {
    if (this.#isClosed) return;
    if (goodbyes.length > 0) await said(this.#server.mdns, goodbyes);
    this.#end();
  }

  #heard(packet: unknown, from: string): void {
    const records = readRecords(packet);
    if (records.length > 0) this.#options.onRecords(records, from);
  }

  /** Every socket on the port hears all interfaces; only the one that leads to the asker answers. */
  #asked(packet: unknown, from: string): void {
    if (this.#names.size === 0 || !isOn(this.interface, from)) return;
    const questions = readQuestions(packet, (name) => this.#names.has(name));
    if (questions.length > 0 && this.#mayAnswer()) this.#server.respondToQuery({ questions });
  }

  #mayAnswer(): boolean {
    const now = performance.now();
    if (now - this.#allowance.since > 1_000) Object.assign(this.#allowance, { since: now, answers: 0 });
    return ++this.#allowance.answers <= ANSWERS_PER_SECOND;
  }

  #guard(work: () => void): void {
    if (this.#isClosed) return;
    try {
      work();
    } catch (error) {
      this.#complain(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Says each kind of trouble once: sending is tried again and again anyway, and others can send us garbage for ever. */
  #complain(error?: Error | null): void {
    if (!error || this.#isClosed) return;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'bad-packet';
    if (this.#complaints.has(code)) return;
    this.#complaints.add(code);
    const { name } = this.interface;
    const level = code === 'bad-packet' ? 'debug' : 'warn';
    this.#options.log[level]({ interface: name, code }, `mDNS on ${name}: ${error.message}`);
  }

  #break(error: Error): void {
    if (this.#isClosed) return;
    this.#end();
    this.#options.onBroken(error);
  }

  #end(): void {
    this.#isClosed = true;
    try {
      this.#server.mdns.destroy();
    } catch {
      // A socket that was never bound cannot be closed; there is nothing left to free.
    }
  }
}

/** Resolves when the packet has left, or failed, or the limit has passed: nobody waits for a dead network. */
function said(mdns: Mdns, goodbyes: readonly DnsRecord[]): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(resolve, GOODBYE_LIMIT_MS);
    const done = () => {
      clearTimeout(limit);
      resolve();
    };
    try {
      mdns.respond([...goodbyes], done);
    } catch {
      done();
    }
  });
}

const hasMethods = (value: unknown, ...names: string[]): value is object =>
  typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function');

/** bonjour-service hides its server; a release that changes it must fail here, at once and by name. */
function serverOf(instance: object): Server {
  const server: unknown = Reflect.get(instance, 'server');
  const isServer = (value: unknown): value is Server =>
    hasMethods(value, 'register', 'respondToQuery') &&
    hasMethods(Reflect.get(value, 'mdns'), 'on', 'removeAllListeners', 'query', 'respond', 'destroy');
  if (!isServer(server))
    throw new Error('this release of bonjour-service is not the one that discovery was written for');
  return server;
}
