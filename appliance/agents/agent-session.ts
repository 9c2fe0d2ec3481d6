// Over 250 lines, because all that an agent may say on one connection is put in order in one place.
import type {
  Ack,
  Declaration,
  ExpectedServices,
  Found,
  Frames,
  Hello,
  HelloAnswer,
  HostFacts,
  Skip,
  Welcome,
} from '../../protocol/agent-link.ts';
import type { Frame, WatchSample } from '../../protocol/frames.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import type { Descriptor, SeriesIdentity } from '../../protocol/metrics.ts';
import type { Updating } from '../../protocol/updates.ts';
import type { FrameEvent, Hub } from '../hub.ts';
import { answerInTime } from './answer-in-time.ts';
import { LinkRefusal } from './link-refusal.ts';
import { isLate, Stream, stampOf } from './streams.ts';

/** A frame on its way into history, as `History.append` takes it. */
export interface FrameToStore {
  hostId: string;
  stream: string;
  seq: number;
  at: number;
  offsetMs: number;
  intervalMs: number;
  late: boolean;
  series: readonly LiveSeries[];
  values: readonly (number | null)[];
}

/** What a session needs of the other features; `main.ts` hands it in. */
export interface SessionParts {
  hub: Hub;
  now: () => number;
  clockIsTrusted: () => boolean;
  history: {
    declare(hostId: string, series: readonly SeriesIdentity[]): LiveSeries[];
    seriesOf(hostId: string): readonly LiveSeries[];
    highWaterMark(stream: string): number;
    durableMark(stream: string): number;
    holdOf(intervalMs: number): number;
    append(frames: readonly FrameToStore[]): Promise<void>;
    skip(skip: { hostId: string; stream: string; fromSeq: number; toSeq: number; reason: string }): Promise<void>;
  };
  learn(siteId: string, descriptors: readonly Descriptor[]): Promise<{ metric: string; reason: string }[]>;
  describe(party: Party, said: Hello): Promise<void>;
  intervalOf(hostId: string): number;
  /** Services that people want to run on the host. */
  servicesOf(hostId: string): ExpectedServices;
  /** The agent says how far it is with an order to update. */
  updating(party: Party, message: Updating): void;
  /** The agent has looked which services its machine has. */
  found(party: Party, services: Found['services']): void;
  /** The frame with what its host takes, behind its own values. */
  powered?(frame: FrameToStore): FrameToStore;
}

/** Of one connection: an agent delivers what earlier runs left one after the other. The one unused for longest goes. */
const MOST_STREAMS = 8;
const MOST_WAITING = 16;
/** Under 10 s, so that what comes each 5 s asks every other time; an agent is out of patience with its frames after 30 s. */
const ASK_MS = 9_000;
/** History takes frames up to a day ahead of the appliance's time. */
const FAR_AHEAD_MS = 12 * 3_600_000;

export interface Party {
  agentId: string;
  hostId: string;
  siteId: string;
}

/** What one proven agent says on one connection, put in order: declarations, then frames whose sequence has no hole. */
export class AgentSession {
  readonly party: Party;
  readonly #parts: SessionParts;
  readonly #streams = new Map<string, Stream>();
  #waiting = 0;
  #said: Hello | undefined;

  constructor(party: Party, parts: SessionParts) {
    this.party = party;
    this.#parts = parts;
  }

  async hello(said: Hello): Promise<HelloAnswer> {
    const { hostId } = this.party;
    this.#said = said;
    await this.#parts.describe(this.party, said);
    const { intervalOf, servicesOf, now } = this.#parts;
    return { hostId, intervalMs: intervalOf(hostId), at: now(), services: servicesOf(hostId) };
  }

  /** What `hello` said of the host is no longer so; before it, nobody knows which agent says it. */
  async facts(facts: HostFacts): Promise<void> {
    if (!this.#said) throw new LinkRefusal('invalid', 'Say hello first');
    this.#said = { ...this.#said, facts };
    await this.#parts.describe(this.party, this.#said);
  }

  updating(message: Updating): void {
    this.#parts.updating(this.party, message);
  }

  found({ services }: Found): void {
    this.#parts.found(this.party, services);
  }

  async declare({ stream: name, descriptors, series }: Declaration): Promise<Welcome> {
    const { hub, history, learn } = this.#parts;
    const { hostId, siteId } = this.party;
    const refused = await learn(siteId, descriptors);
    const stream = this.#streams.get(name) ?? new Stream();
    if (!this.#streams.has(name) && this.#streams.size >= MOST_STREAMS) this.#forgetStream();
    const before = history.seriesOf(hostId).length;
    const refusedNames = new Set(refused.map(({ metric }) => metric));
    stream.declare(
      series,
      (metric) => refusedNames.has(metric),
      (wanted) => history.declare(hostId, wanted),
    );
    this.#streams.set(name, stream);
    const all = history.seriesOf(hostId);
    if (all.length !== before) hub.emit('series', { siteId, hostId, series: [...all] });
    const holdMs = history.holdOf(this.#parts.intervalOf(hostId));
    return { stream: name, ackedSeq: history.durableMark(this.#mark(name)), refused, holdMs, askMs: ASK_MS };
  }

  /** Takes frames in order; those from a hole on are left for the agent to send again. Answers when they are durable. */
  async frames({ frames, offsetMs }: Frames): Promise<Ack[]> {
    if (this.#waiting >= MOST_WAITING) throw new LinkRefusal('busy', 'Wait for the acknowledgements');
    this.#refuseUnknowable(frames);
    const accepted: FrameToStore[] = [];
    const expected = new Map<string, number>();
    for (const frame of frames) {
      const next = expected.get(frame.stream) ?? this.#parts.history.highWaterMark(this.#mark(frame.stream)) + 1;
      if (!expected.has(frame.stream)) this.#use(frame.stream);
      expected.set(frame.stream, frame.seq === next ? next + 1 : next);
      if (frame.seq === next) accepted.push(this.#accept(frame, offsetMs));
    }
    await this.#store(accepted);
    return [...expected.keys()].map((stream) => ({
      stream,
      ackedSeq: this.#parts.history.durableMark(this.#mark(stream)),
      takenSeq: this.#parts.history.highWaterMark(this.#mark(stream)),
    }));
  }

  /** History would give frames of another day up for lost: the agent keeps them until the appliance knows the time. */
  #refuseUnknowable(frames: readonly Frame[]): void {
    const { now, clockIsTrusted } = this.#parts;
    if (clockIsTrusted() || frames.every(({ at }) => at <= now() + FAR_AHEAD_MS)) return;
    throw new LinkRefusal('clock-untrusted', 'The appliance does not know the time yet: keep these frames');
  }

  async skip({ stream, fromSeq, toSeq, reason }: Skip): Promise<Ack> {
    const { history } = this.#parts;
    const name = this.#mark(stream);
    const next = history.highWaterMark(name) + 1;
    if (toSeq < fromSeq) throw new LinkRefusal('invalid', 'toSeq lies before fromSeq');
    if (fromSeq > next) throw new LinkRefusal('invalid', `The next frame is ${next}: a skip begins there or before`);
    if (toSeq >= next) await history.skip({ hostId: this.party.hostId, stream: name, fromSeq: next, toSeq, reason });
    return { stream, ackedSeq: history.durableMark(name) };
  }

  /** An extra sample while somebody looks: shown, neither stored nor judged. */
  watch({ stream, at, values }: WatchSample): void {
    const { hub, now } = this.#parts;
    const receivedAt = now();
    const unpacked = this.#stream(stream).unpack(values);
    hub.emit('frame', {
      ...this.#event({ ...unpacked, at: Math.min(at, receivedAt), late: false }, receivedAt),
      grade: 'watch',
    });
  }

  #accept(frame: Frame, offset: number): FrameToStore {
    const receivedAt = this.#parts.now();
    const { at, offsetMs } = stampOf({
      at: frame.at,
      offsetMs: offset,
      receivedAt,
      clockIsTrusted: this.#parts.clockIsTrusted(),
    });
    const { series, values } = this.#stream(frame.stream).unpack(frame.values);
    const { hostId } = this.party;
    const intervalMs = this.#parts.intervalOf(hostId);
    const read = {
      hostId,
      stream: this.#mark(frame.stream),
      seq: frame.seq,
      at,
      offsetMs,
      intervalMs,
      late: isLate(at, receivedAt, intervalMs),
      series,
      values,
    };
    return this.#parts.powered?.(read) ?? read;
  }

  async #store(accepted: FrameToStore[]): Promise<void> {
    if (accepted.length === 0) return;
    const receivedAt = this.#parts.now();
    this.#waiting++;
    try {
      const stored = this.#parts.history.append(accepted);
      for (const frame of accepted) this.#parts.hub.emit('frame', this.#event(frame, receivedAt));
      await answerInTime(stored);
    } finally {
      this.#waiting--;
    }
  }

  #event(
    {
      at,
      late,
      series,
      values,
      offsetMs,
    }: Pick<FrameToStore, 'at' | 'late' | 'series' | 'values'> & { offsetMs?: number },
    receivedAt: number,
  ): FrameEvent {
    const { siteId, hostId } = this.party;
    const measured = this.#parts.clockIsTrusted() && offsetMs !== undefined;
    return { siteId, hostId, at, receivedAt, late, grade: 'durable', series, values, ...(measured && { offsetMs }) };
  }

  #forgetStream(): void {
    const [unused] = this.#streams.keys();
    if (unused !== undefined) this.#streams.delete(unused);
  }

  /** Puts it last among those that may be forgotten. */
  #use(name: string): void {
    const stream = this.#stream(name);
    this.#streams.delete(name);
    this.#streams.set(name, stream);
  }

  #stream(name: string): Stream {
    const stream = this.#streams.get(name);
    if (!stream) throw new LinkRefusal('undeclared', `Declare stream ${name} first`);
    return stream;
  }

  /** Streams are told apart per agent: one agent cannot move another's mark. */
  #mark(stream: string): string {
    return `${this.party.agentId}/${stream}`;
  }
}
