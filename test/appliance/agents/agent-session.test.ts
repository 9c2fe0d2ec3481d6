import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AgentSession, type FrameToStore, type SessionParts } from '../../../appliance/agents/agent-session.ts';
import { Hub } from '../../../appliance/hub.ts';
import { declared, frameOf, STREAM } from '../../helpers/hand-agent.ts';

const party = { agentId: 'agent-1', hostId: 'host-1', siteId: 'site-1' };

/** A session over a history that makes durable what the test says, when it says so. */
function sessionOf() {
  const hub = new Hub((_event, error) => {
    throw error;
  });
  const shown: number[] = [];
  hub.on('frame', ({ values }) => void shown.push(Number(values[1])));
  const writes: { frames: readonly FrameToStore[]; done: () => void }[] = [];
  let [taken, durable] = [0, 0];
  const parts: SessionParts = {
    hub,
    now: () => Date.now(),
    clockIsTrusted: () => true,
    history: {
      declare: (_hostId, series) =>
        series.map(({ metric }, id) => ({ id, metric, attributes: {}, key: metric }) as never),
      seriesOf: () => [],
      highWaterMark: () => taken,
      durableMark: () => durable,
      holdOf: () => 0,
      append: (frames) => {
        taken = frames.at(-1)?.seq ?? taken;
        const mark = taken;
        return new Promise((resolve) => {
          const done = () => {
            durable = mark;
            resolve();
          };
          writes.push({ frames, done });
        });
      },
      skip: async () => undefined,
    },
    learn: async () => [],
    describe: async () => undefined,
    intervalOf: () => 1_000,
    servicesOf: () => [],
    updating: () => undefined,
    found: () => undefined,
  };
  return { session: new AgentSession(party, parts), writes, shown };
}

const send = (session: AgentSession, seq: number) => session.frames({ offsetMs: 0, frames: [frameOf(seq) as never] });

beforeEach(() => {
  vi.useFakeTimers();
  return () => void vi.useRealTimers();
});

describe('frames of an agent', () => {
  test('are shown when they come, and acknowledged only when they are durable: those before the one that asks too', async () => {
    const { session, writes, shown } = sessionOf();
    expect(await session.declare(declared as never)).toMatchObject({ ackedSeq: 0, askMs: 9_000 });
    const answers = [1, 2, 3].map((seq) => send(session, seq));
    expect(shown).toEqual([1, 2, 3]);
    const heard: unknown[] = [];
    void answers[2]?.then((acks) => heard.push(...acks));
    await vi.advanceTimersByTimeAsync(2_500);
    expect(heard).toEqual([]);
    for (const { done } of writes) done();
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual([{ stream: STREAM, ackedSeq: 3, takenSeq: 3 }]);
  });

  test('that wait for a commit that is held are answered in ten seconds, as taken but not as durable', async () => {
    const { session, writes } = sessionOf();
    await session.declare(declared as never);
    void send(session, 1);
    const answer = send(session, 2);
    writes[0]?.done();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answer).toEqual([{ stream: STREAM, ackedSeq: 1, takenSeq: 2 }]);
  });
});
