import type { Ack } from '../protocol/agent-link.ts';
import type { Frame } from '../protocol/frames.ts';
import { FRAME_LIMITS } from '../protocol/limits.ts';
import type { OffsetClock } from './clock.ts';
import { type AgentLog, Once } from './log.ts';
import type { Outbox, Outgoing } from './outbox.ts';
import type { SeriesTable } from './series.ts';
import { LinkError, type Session } from './session.ts';

/** Messages that may wait for their acknowledgement: a frame of now does not wait until the one before is durable. */
const WINDOW = 4;
/** About 1 MB of JSON, half of what the appliance takes. */
const NUMBERS_PER_MESSAGE = 60_000;
const BACKLOG_EVERY_MS = 100;
/** How long to hold back after a refusal that passes. */
const PAUSE_MS = { least: 1_000, most: 30_000 } as const;

export type DeliveringSession = Pick<Session, 'declare' | 'frames' | 'more' | 'skip' | 'closed' | 'isOpen' | 'close'>;
export type DeclaringSeries = Pick<SeriesTable, 'size' | 'since' | 'describe'>;
export type FrameClock = Pick<OffsetClock, 'offsetFor'>;

export interface SenderOptions {
  session: DeliveringSession;
  stream: string;
  outbox: Outbox;
  series: DeclaringSeries;
  clock: FrameClock;
  log: AgentLog;
  /** Least time between two messages of a backlog. */
  backlogEveryMs?: number;
  /** Others follow each of its frames, so that not each need be asked for. */
  goesOn?: boolean;
  /** Hears how long the appliance holds frames before it acknowledges them. */
  onHold?: (holdMs: number) => void;
}

/**
 * Brings the outbox to the appliance over one connection, in order. Series are declared before the first frame that has them. After
 * any refusal it asks where the appliance stands and goes on from there.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #once = new Once();
  #declared = 0;
  #waiting = 0;
  /** Answers to messages from before the last trouble count no more. */
  #round = 0;
  #isHeld = true;
  /** An answer since the last trouble says that frames are taken. */
  #isTaking = false;
  /** How long frames may follow one another unasked, and when one was asked for: monotonic ms. */
  #askMs = 0;
  #askedAt = 0;
  #pauseMs: number = PAUSE_MS.least;
  #timer: NodeJS.Timeout | undefined;
  /** So many frames are sent alone, because one of them is invalid and has to be told from its neighbours. */
  #alone = 0;
  /** Monotonic ms before which no further backlog is sent. */
  #backlogAt = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    void options.session.closed.then(() => this.#hold());
  }

  /** Declares everything and starts with what the appliance does not have. */
  start(): Promise<void> {
    return this.#synchronise();
  }

  /** There is news in the outbox. */
  kick(): void {
    const { outbox, series } = this.#options;
    if (this.#isHeld) return;
    if (series.size > this.#declared) return void this.#synchronise();
    const isAlone = this.#alone > 0;
    const most = { frames: isAlone ? 1 : FRAME_LIMITS.framesPerMessage, numbers: NUMBERS_PER_MESSAGE };
    while (this.#waiting < (isAlone ? 1 : WINDOW) && performance.now() >= this.#backlogAt) {
      const outgoing = outbox.next(most);
      if (!outgoing) return;
      if (outgoing.kind === 'frames' && outgoing.frames.length > 1) this.#pace();
      if (this.#tell(outgoing)) continue;
      this.#askedAt = performance.now();
      void this.#deliver(outgoing);
    }
  }

  /** Sends a frame of the moment without asking, where the appliance bears it: its answer would wake this machine once more. */
  #tell(outgoing: Outgoing): boolean {
    const { session, clock, goesOn = false } = this.#options;
    const isAsked = this.#alone > 0 || !this.#isTaking || performance.now() - this.#askedAt >= this.#askMs;
    if (!goesOn || isAsked || outgoing.kind === 'skip') return false;
    const [frame, another] = outgoing.frames;
    if (!frame || another) return false;
    session.more({ offsetMs: clock.offsetFor(frame), frames: [frame] });
    return true;
  }

  /** A backlog goes in steps: the appliance takes 20 messages a second from one host, and has others to hear. */
  #pace(): void {
    const { backlogEveryMs = BACKLOG_EVERY_MS } = this.#options;
    this.#backlogAt = performance.now() + backlogEveryMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kick(), backlogEveryMs + 1);
  }

  /** True when the series of a sample are known to the appliance. */
  get isCurrent(): boolean {
    return !this.#isHeld && this.#options.series.size === this.#declared;
  }

  #hold(): void {
    this.#isHeld = true;
    this.#isTaking = false;
    this.#round++;
    this.#waiting = 0;
    clearTimeout(this.#timer);
  }

  /** Says which series there are, hears up to where frames are safe, and sends from there. */
  async #synchronise(): Promise<void> {
    const { session, stream, series, outbox, log } = this.#options;
    this.#hold();
    const round = this.#round;
    const size = series.size;
    try {
      const all = series.since(0);
      const { ackedSeq, refused, holdMs, askMs } = await session.declare({
        stream,
        descriptors: series.describe(all),
        series: all,
      });
      for (const { metric, reason } of refused)
        if (this.#once.isNews(metric, reason)) log.warn({ metric, reason }, 'the appliance does not take a metric');
      if (round !== this.#round) return;
      this.#options.onHold?.(holdMs);
      outbox.resume({ stream, ackedSeq });
      this.#declared = size;
      this.#askMs = askMs;
      this.#isHeld = false;
      this.kick();
    } catch (error) {
      this.#trouble(round, error);
    }
  }

  async #deliver(outgoing: Outgoing): Promise<void> {
    const round = this.#round;
    this.#waiting++;
    try {
      const acks = outgoing.kind === 'skip' ? [await this.#skip(outgoing)] : await this.#frames(outgoing.frames);
      for (const ack of acks) this.#options.outbox.confirm(ack);
      if (round !== this.#round) return;
      if (isNotTaken(outgoing, acks)) throw new LinkError('not-taken', 'a frame that was not asked for was not taken');
      this.#isTaking = true;
      this.#waiting--;
      this.#pauseMs = PAUSE_MS.least;
      this.#once.settle('trouble');
      this.#alone = Math.max(0, this.#alone - 1);
      this.kick();
    } catch (error) {
      if (round === this.#round) this.#refused(outgoing, error);
      this.#trouble(round, error);
    }
  }

  #skip({ skip }: Outgoing & { kind: 'skip' }) {
    this.#options.log.warn({ ...skip }, 'frames are lost on this machine');
    return this.#options.session.skip(skip);
  }

  /** Frames from before the clock was set carry another offset, so they travel apart. */
  async #frames(frames: readonly Frame[]) {
    const { session, clock } = this.#options;
    const groups: { offsetMs: number; frames: Frame[] }[] = [];
    for (const frame of frames) {
      const offsetMs = clock.offsetFor(frame);
      const last = groups.at(-1);
      if (last?.offsetMs === offsetMs) last.frames.push(frame);
      else groups.push({ offsetMs, frames: [frame] });
    }
    return (await Promise.all(groups.map((group) => session.frames(group)))).flat();
  }

  /** One frame that is refused as invalid would be in the way for ever: it is given up and named. */
  #refused(outgoing: Outgoing, error: unknown): void {
    if (!(error instanceof LinkError) || error.code !== 'invalid' || outgoing.kind !== 'frames') return;
    const [first] = outgoing.frames;
    if (this.#alone === 0 || !first) {
      this.#alone = outgoing.frames.length;
      return;
    }
    const { session, log } = this.#options;
    const { stream, seq } = first;
    log.error({ seq, reason: error.message }, 'the appliance refuses a frame for good; it is left out');
    session.skip({ stream, fromSeq: seq, toSeq: seq, reason: 'damaged' }).catch(() => undefined);
  }

  #trouble(round: number, error: unknown): void {
    const { session, log } = this.#options;
    if (round !== this.#round || !session.isOpen) return;
    this.#hold();
    const code = error instanceof LinkError ? error.code : 'odd-answer';
    if (code === 'no-answer') {
      session.close();
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const isSoon = code === 'undeclared' || (code === 'invalid' && this.#alone > 0);
    if (!isSoon && this.#once.isNews('trouble', code))
      log.warn({ code, reason }, 'the appliance does not take frames now');
    this.#timer = setTimeout(() => void this.#synchronise(), isSoon ? 100 : this.#pauseMs);
    if (!isSoon) this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS.most);
  }
}

/** Something before it was refused, which nobody heard because nobody had asked. */
function isNotTaken(outgoing: Outgoing, acks: readonly Ack[]): boolean {
  const last = outgoing.kind === 'frames' ? outgoing.frames.at(-1) : undefined;
  if (!last) return false;
  return acks.some(({ stream, takenSeq = last.seq }) => stream === last.stream && takenSeq < last.seq);
}
