import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { OffsetClock } from '../../agent/clock.ts';
import { type DeliveringSession, Sender } from '../../agent/sender.ts';
import { SeriesTable } from '../../agent/series.ts';
import { LinkError } from '../../agent/session.ts';
import { Spool } from '../../agent/spool/spool.ts';
import type { Frames } from '../../protocol/agent-link.ts';
import type { Frame } from '../../protocol/frames.ts';
import { keptLog } from '../helpers/machine.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

/** An appliance as far as a sender sees it: it takes what comes next, and makes it durable when the test says so. */
class Appliance {
  /** Of each message, the numbers of its frames: asked for, or not. */
  readonly asked: number[][] = [];
  readonly told: number[][] = [];
  readonly taken: Frame[] = [];
  declarations = 0;
  durable = 0;
  /** How long an answer takes. */
  answerMs = 0;
  /** Older ones do not know of it. */
  askMs: number | undefined = 9_000;
  /** Frames that come unasked are refused. */
  refusesMore = false;
  /** What is asked for is refused. */
  refusal: LinkError | undefined;
  isOpen = true;
  end: () => void = () => undefined;

  get mark(): number {
    return this.taken.at(-1)?.seq ?? 0;
  }

  connect(): DeliveringSession {
    const closed = new Promise<{ reason: string }>((resolve) => {
      this.end = () => resolve({ reason: 'lost' });
    });
    const isOpen = () => this.isOpen;
    return {
      closed,
      get isOpen() {
        return isOpen();
      },
      close: () => undefined,
      declare: async ({ stream }) => {
        this.declarations++;
        const { durable: ackedSeq, askMs = 0 } = this;
        return { stream, ackedSeq, refused: [], holdMs: 0, askMs };
      },
      skip: async ({ stream, toSeq }) => ({ stream, ackedSeq: toSeq }),
      frames: (message) => this.#answer(message),
      more: ({ frames }) => {
        this.told.push(frames.map(({ seq }) => seq));
        if (!this.refusesMore) this.#take(frames);
      },
    };
  }

  async #answer({ frames }: Frames) {
    this.asked.push(frames.map(({ seq }) => seq));
    if (this.refusal) throw this.refusal;
    this.#take(frames);
    await new Promise((resolve) => setTimeout(resolve, this.answerMs));
    this.durable = this.mark;
    const stream = frames[0]?.stream ?? '';
    return [{ stream, ackedSeq: this.durable, ...(this.askMs !== undefined && { takenSeq: this.mark }) }];
  }

  #take(frames: readonly Frame[]): void {
    for (const frame of frames) if (frame.seq === this.mark + 1) this.taken.push(frame);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** An agent that reads each `everyMs`, on one connection after another. */
function agentOf(appliance: Appliance, { goesOn = true } = {}) {
  const log = keptLog();
  const series = new SeriesTable([{ id: 'depth', title: 'Depth', unit: 'm', kind: 'gauge', rollup: 'average' }]);
  const ix = series.indexOf('depth', []) ?? 0;
  const now = () => ({ wall: Date.now(), mono: performance.now(), boot: () => performance.now() });
  const clock = new OffsetClock(now());
  const spool = new Spool({ series, clock, log });
  spool.open({ dir: temporaryDirectory(), mostBytes: 1_000_000, owner: 'agent-1' });
  const outbox = spool.current;
  let sender: Sender | undefined;
  return {
    log,
    outbox,
    connect(): Promise<void> {
      appliance.isOpen = true;
      sender = new Sender({ session: appliance.connect(), stream: outbox.stream, outbox, series, clock, log, goesOn });
      return sender.start();
    },
    async read(count: number, everyMs = 1_000): Promise<void> {
      for (let i = 0; i < count; i++) {
        outbox.add({ at: Date.now(), mono: Math.round(performance.now()), values: [ix, i] });
        sender?.kick();
        spool.tend();
        await vi.advanceTimersByTimeAsync(everyMs);
      }
    },
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const seqs = (frames: readonly Frame[]) => frames.map(({ seq }) => seq);

describe('frames of the moment', () => {
  it('are told as they are read, and asked for once in nine seconds', async () => {
    const appliance = new Appliance();
    const agent = agentOf(appliance);
    await agent.connect();
    await agent.read(60);
    expect(seqs(appliance.taken)).toEqual(upTo(60));
    expect(appliance.asked).toEqual([[1], [10], [19], [28], [37], [46], [55]]);
    expect(agent.outbox.size).toBe(60 - 55);
    expect(appliance.declarations).toBe(1);
  });

  it('at 5 s are asked for every other time, at 10 s each time', async () => {
    const [at5, at10] = [new Appliance(), new Appliance()];
    for (const [appliance, ms] of [
      [at5, 5_000],
      [at10, 10_000],
    ] as const) {
      const agent = agentOf(appliance);
      await agent.connect();
      await agent.read(6, ms);
    }
    expect(at5.asked).toEqual([[1], [3], [5]]);
    expect(at10.told).toEqual([]);
  });

  it('are each asked for by an appliance that does not say that it bears it otherwise', async () => {
    const appliance = new Appliance();
    appliance.askMs = undefined;
    const agent = agentOf(appliance);
    await agent.connect();
    await agent.read(30);
    expect(appliance.told).toEqual([]);
    expect(appliance.asked).toEqual(upTo(30).map((seq) => [seq]));
    expect(agent.outbox.size).toBe(0);
  });

  it('are asked for until an answer says that they are taken, and where the stream has an end', async () => {
    const [slow, ends] = [new Appliance(), new Appliance()];
    slow.answerMs = 2_500;
    const agent = agentOf(slow);
    await agent.connect();
    await agent.read(6);
    expect(slow.asked).toEqual([[1], [2], [3]]);
    const replayed = agentOf(ends, { goesOn: false });
    await replayed.connect();
    await replayed.read(20);
    expect(ends.told).toEqual([]);
    expect(replayed.outbox.isDelivered).toBe(true);
  });

  it('do not wait behind answers that take ten seconds, nor go to disk', async () => {
    const appliance = new Appliance();
    const agent = agentOf(appliance);
    await agent.connect();
    await agent.read(2);
    appliance.answerMs = 10_000;
    for (let second = 0; second < 300; second++) {
      await agent.read(1);
      expect(agent.outbox.size).toBeLessThanOrEqual(20);
      expect(seqs(appliance.taken)).toEqual(upTo(3 + second));
    }
    expect(agent.outbox.isOnDisk).toBe(false);
    appliance.answerMs = 60_000;
    await agent.read(70);
    await vi.waitFor(() => expect(agent.outbox.isOnDisk).toBe(true));
  });

  it('that were refused unasked are found missing with the next that is asked for, and said again: each once', async () => {
    const appliance = new Appliance();
    const agent = agentOf(appliance);
    await agent.connect();
    await agent.read(4);
    appliance.refusesMore = true;
    await agent.read(1);
    appliance.refusesMore = false;
    await agent.read(15);
    expect(appliance.declarations).toBe(2);
    expect(seqs(appliance.taken)).toEqual(upTo(20));
    expect(agent.log.lines.join()).toContain('not-taken');
  });

  it('whose refusal lasts: the reason is heard, and everything is kept until it is over', async () => {
    const appliance = new Appliance();
    const agent = agentOf(appliance);
    await agent.connect();
    await agent.read(4);
    appliance.refusesMore = true;
    appliance.refusal = new LinkError('storage', 'the disk is full');
    await agent.read(60);
    expect(agent.log.lines.join()).toContain('the disk is full');
    expect(appliance.told.flat()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seqs(appliance.taken)).toEqual(upTo(4));
    appliance.refusesMore = false;
    appliance.refusal = undefined;
    await agent.read(60);
    expect(seqs(appliance.taken)).toEqual(upTo(124));
  });

  it('are asked for again after a refusal, until one is taken', async () => {
    const appliance = new Appliance();
    const agent = agentOf(appliance);
    await agent.connect();
    await agent.read(2, 5_000);
    appliance.durable = appliance.mark;
    appliance.refusal = new LinkError('busy', 'wait');
    await agent.read(1, 500);
    appliance.refusal = undefined;
    await vi.advanceTimersByTimeAsync(4_500);
    expect(appliance.asked).toEqual([[1], [3], [3]]);
    await agent.read(1);
    expect(appliance.told).toEqual([[2], [4]]);
  });

  it('that no answer covers are sent again on the next connection, from what was durable on', async () => {
    const appliance = new Appliance();
    const agent = agentOf(appliance);
    await agent.connect();
    await agent.read(15);
    expect([appliance.durable, appliance.mark]).toEqual([10, 15]);
    // Killed: what was not durable is lost with it.
    appliance.isOpen = false;
    appliance.end();
    appliance.taken.splice(10);
    await agent.read(3);
    await agent.connect();
    expect(seqs(appliance.taken)).toEqual(upTo(18));
    expect(appliance.asked.at(-1)).toEqual([11, 12, 13, 14, 15, 16, 17, 18]);
  });
});
