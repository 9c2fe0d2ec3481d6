import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import type { Identity } from '../../agent/identity.ts';
import { verifyChallenge } from '../../discovery/pairing/challenge.ts';
import { newAgentKey, serverName } from '../../discovery/pairing/keys.ts';
import type { ReleaseKey } from '../../discovery/pairing/release.ts';
import {
  type Ack,
  type AgentToAppliance,
  type ApplianceToAgent,
  agentMessages,
  type Hello,
  type Refusal,
  type Skip,
} from '../../protocol/agent-link.ts';
import type { Frame, WatchSample } from '../../protocol/frames.ts';
import { AGENTS_NAMESPACE } from '../../protocol/limits.ts';
import { seriesKey } from '../../protocol/metrics.ts';
import type { SignedOrder, UpdateAnswer, Updating } from '../../protocol/updates.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { releaseKeyFor, testCa, testLeaf } from './certificates.ts';
import type { TestAppliance } from './pairing-appliance.ts';

type GatewaySocket = Socket<AgentToAppliance, ApplianceToAgent>;

/** What one stream has brought. */
interface StreamState {
  series: Map<number, string>;
  frames: Frame[];
  /** Highest accepted, and highest that is durable. */
  highest: number;
  durable: number;
}

/** Everything an agent can meet in a gateway, and a test can make happen. */
export class FakeGateway {
  applianceId: string = randomUUID();
  agentId: string = randomUUID();
  key = newAgentKey();
  readonly hellos: Hello[] = [];
  readonly skips: Skip[] = [];
  readonly watched: WatchSample[] = [];
  readonly streams = new Map<string, StreamState>();
  readonly offsets: number[] = [];
  /** How far agents said they are with an order. */
  readonly updating: Updating[] = [];
  /** What is served beside the socket, by path. */
  readonly files = new Map<string, (response: ServerResponse) => void>();
  releaseKey: ReleaseKey | undefined;
  sockets: GatewaySocket[] = [];
  /** Sessions that were proven, ever. */
  sessions = 0;
  /** TLS connections that were made, ever. */
  connections = 0;
  intervalMs = 1_000;
  /** How long frames may come unasked. */
  askMs = 0;
  /** Messages with frames that were asked for, ever. */
  asked = 0;
  aheadMs = 0;
  /** Acknowledgements wait until it is set to false. */
  isHolding = false;
  /** Refuses whoever proves itself. */
  refusal: Refusal | undefined;
  /** Answers to the next messages of that event, in the place of the honest ones. */
  readonly instead: Record<string, unknown[]> = {};
  ca = '';
  #leaf = { cert: '', key: '' };
  #io: Server | undefined;
  #appliance: TestAppliance | undefined;
  #port = 0;
  #waiting: (() => void)[] = [];

  /** Opens it at loopback; later calls open it again at the same port, with everything it knew. */
  async open(): Promise<void> {
    if (this.ca === '') {
      const ca = await testCa();
      this.ca = ca.pem;
      this.releaseKey = await releaseKeyFor(ca, this.applianceId);
      this.#leaf = await testLeaf(ca, [serverName(this.applianceId)]);
    }
    const server = createServer({ ...this.#leaf, minVersion: 'TLSv1.3' }, (request, response) => {
      const serve = this.files.get(request.url ?? '');
      if (serve) serve(response);
      else response.end('{"status":"ok"}');
    });
    this.#attach(server);
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Opens it on an appliance that can pair, for the agent that was paired there last. */
  join(appliance: TestAppliance): void {
    this.applianceId = appliance.id;
    this.ca = appliance.ca.pem;
    this.#appliance = appliance;
    this.#attach(appliance.server);
  }

  #attach(server: HttpsServer): void {
    server.on('secureConnection', () => this.connections++);
    this.#io = new Server(server, { serveClient: false, transports: ['websocket'] });
    this.#io.of(AGENTS_NAMESPACE).on('connection', (socket: GatewaySocket) => void this.#admit(socket));
  }

  async close(): Promise<void> {
    for (const go of this.#waiting.splice(0)) go();
    await this.#io?.close();
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** The identity of the one agent that is known here. */
  get identity(): Identity {
    const { applianceId, agentId, ca, key, url } = this;
    return { applianceId, agentId, ca, key, urls: [url] };
  }

  /** All frames of all streams. */
  get frames(): Frame[] {
    return [...this.streams.values()].flatMap(({ frames }) => frames);
  }

  /** A frame's values by the names of their series. */
  named(frame: Frame | WatchSample): Record<string, number | null> {
    const series = this.streams.get(frame.stream)?.series;
    const pairs = frame.values.flatMap((value, i) =>
      i % 2 === 0 ? [[series?.get(value ?? -1), frame.values[i + 1] ?? null]] : [],
    );
    return Object.fromEntries(pairs);
  }

  /** Lets held acknowledgements go. */
  release(): void {
    this.isHolding = false;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Cuts every connection, as a lost network would. */
  drop(): void {
    for (const socket of this.sockets.splice(0)) socket.conn.close();
  }

  /** Sends an order to the agent that is connected; answers with what it says. */
  order(message: SignedOrder): Promise<UpdateAnswer> {
    const socket = this.sockets.filter(({ connected }) => connected).at(-1);
    if (!socket) throw new Error('no agent is connected');
    return socket.timeout(5_000).emitWithAck('update', message);
  }

  async #admit(socket: GatewaySocket): Promise<void> {
    const nonce = randomBytes(32).toString('base64url');
    const { applianceId } = this;
    const paired = this.#appliance?.paired.at(-1);
    const [agentId, agentKey] = paired ? [paired.agentId, paired.agentKey] : [this.agentId, this.key.publicKey];
    const challenge = this.instead.challenge?.shift() ?? { protocol: PROTOCOL, applianceId, nonce };
    const answer = await socket
      .timeout(3_000)
      .emitWithAck('challenge', challenge as never)
      .catch(() => undefined);
    const isRight = answer && verifyChallenge({ applianceId, agentId, nonce }, agentKey, answer.signature);
    const refusal: Refusal | undefined = isRight
      ? this.refusal
      : { code: 'unauthenticated', message: 'not paired here' };
    if (refusal) {
      socket.emit('refused', refusal);
      socket.disconnect(true);
      return;
    }
    this.sessions++;
    this.sockets.push(socket);
    this.#listen(socket);
    socket.emit('ready');
  }

  #listen(socket: GatewaySocket): void {
    const on = (event: string, handle: (message: unknown) => unknown) =>
      socket.on(
        event as never,
        ((...args: unknown[]) => {
          const reply = args.at(-1);
          const odd = this.instead[event]?.shift();
          void Promise.resolve(odd === undefined ? handle(args[0]) : odd).then((answer) => {
            if (typeof reply === 'function') reply(answer);
          });
        }) as never,
      );
    on('hello', (message) => {
      // Tests hurry: their agents may read more often than the protocol allows.
      const { intervalMs, ...rest } = message as Hello;
      socket.data.version = rest.agentVersion;
      this.hellos.push({ ...agentMessages.hello.parse(rest), ...(intervalMs !== undefined && { intervalMs }) });
      return ok({ hostId: randomUUID(), intervalMs: this.intervalMs, at: this.#now() });
    });
    on('declare', (message) => this.#declare(message));
    on('frames', (message) => {
      this.asked++;
      return this.#frames(message);
    });
    on('more', (message) => this.#frames(message));
    on('skip', (message) => this.#skip(message));
    on('time', () => ok(this.#now()));
    socket.on('updating', (message) => this.updating.push(agentMessages.updating.parse(message)));
    socket.on('watch', (sample) => this.watched.push(agentMessages.watch.parse(sample)));
  }

  #declare(message: unknown) {
    const { stream, series } = agentMessages.declare.parse(message);
    const state = this.streams.get(stream) ?? { series: new Map(), frames: [], highest: 0, durable: 0 };
    this.streams.set(stream, state);
    for (const each of series) state.series.set(each.ix, seriesKey(each));
    return ok({ stream, ackedSeq: state.durable, refused: [], askMs: this.askMs });
  }

  async #frames(message: unknown) {
    const { frames, offsetMs } = agentMessages.frames.parse(message);
    this.offsets.push(offsetMs);
    for (const frame of frames) this.#accept(frame);
    if (this.isHolding) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return ok(this.#acks());
  }

  #accept(frame: Frame): void {
    const state = this.streams.get(frame.stream);
    if (!state) throw new Error('a frame came before its declaration');
    const unknown = frame.values.filter((ix, i) => i % 2 === 0 && !state.series.has(ix ?? -1));
    if (unknown.length > 0) throw new Error(`a frame has undeclared series: ${unknown}`);
    if (frame.seq !== state.highest + 1) return;
    state.highest = frame.seq;
    state.frames.push(frame);
    if (!this.isHolding) state.durable = frame.seq;
  }

  #skip(message: unknown) {
    const skip = agentMessages.skip.parse(message);
    this.skips.push(skip);
    const state = this.streams.get(skip.stream);
    if (!state || skip.fromSeq > state.highest + 1) return { ok: false, error: { code: 'invalid', message: 'a hole' } };
    state.highest = Math.max(state.highest, skip.toSeq);
    state.durable = state.highest;
    return ok({ stream: skip.stream, ackedSeq: state.durable });
  }

  #acks(): Ack[] {
    return [...this.streams].map(([stream, state]) => {
      if (!this.isHolding) state.durable = state.highest;
      return { stream, ackedSeq: state.durable, takenSeq: state.highest };
    });
  }

  #now(): number {
    return Date.now() + this.aheadMs;
  }
}

const ok = <T>(value: T) => ({ ok: true, value });
