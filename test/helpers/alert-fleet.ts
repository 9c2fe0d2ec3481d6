import { pairWith } from '../../discovery/pairing/client.ts';
import type { Ack, HelloAnswer } from '../../protocol/agent-link.ts';
import { makeAgentDist } from './agent-dist.ts';
import { connectByHand, helloOf } from './hand-agent.ts';
import { type InProcess, startInProcess } from './in-process.ts';
import { someFacts } from './pairing-appliance.ts';

const NAME = 'bench';
const MINUTE = 60_000;
const descriptors = [
  { id: 'bench.level', title: 'Bench level', unit: '', kind: 'gauge', rollup: 'average', attributes: [] },
];

export interface AlertFleet extends Pick<InProcess, 'call' | 'stop' | 'http' | 'cookie'> {
  hostId: string;
  /** Sends one value as measured now, by a clock that is so much behind. */
  send(value: number, behindMs?: number): Promise<void>;
  /** Sends a value for each of the last minutes, as after an outage. */
  backfill(of: (minute: number) => number, minutes: number): Promise<void>;
}

/** An appliance with an owner, and one paired host that measures what a test says. */
export async function pairedFleet(): Promise<AlertFleet> {
  const reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
  const { body } = await reeve.call('POST', '/api/v1/agents/tokens', { name: NAME });
  const facts = { ...someFacts, hostName: NAME };
  const agent = await connectByHand(
    reeve.https,
    await pairWith(reeve.https, { token: String(body.token), name: NAME, facts }),
  );
  const hello = await agent.say<HelloAnswer>('hello', helloOf(NAME));
  if (!hello.ok) throw new Error(hello.error.message);
  const seqs = new Map<string, number>();
  const declare = async (stream: string): Promise<void> => {
    const series = [{ ix: 0, metric: 'bench.level', attributes: {} }];
    const answer = await agent.say('declare', { stream, descriptors, series });
    if (!answer.ok) throw new Error(answer.error.message);
    seqs.set(stream, 0);
  };
  const say = async (stream: string, rows: { at: number; value: number }[], offsetMs = 0): Promise<void> => {
    const frames = rows.map(({ at, value }) => {
      const seq = (seqs.get(stream) ?? 0) + 1;
      seqs.set(stream, seq);
      return { stream, seq, at, mono: seq, values: [0, value] };
    });
    const answer = await agent.say<Ack[]>('frames', { offsetMs, frames });
    if (!answer.ok) throw new Error(answer.error.message);
  };
  await declare('stream-of-now');
  await declare('stream-of-then');
  return {
    call: reeve.call,
    http: reeve.http,
    cookie: reeve.cookie,
    hostId: hello.value.hostId,
    send: (value, behindMs = 0) => say('stream-of-now', [{ at: Date.now() - behindMs, value }], behindMs),
    async backfill(of, minutes) {
      const endsAt = Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE;
      const rows = Array.from({ length: minutes }, (_, i) => ({ at: endsAt - (minutes - i) * MINUTE, value: of(i) }));
      for (let i = 0; i < rows.length; i += 100) await say('stream-of-then', rows.slice(i, i + 100));
    },
    async stop() {
      agent.close();
      await reeve.stop();
    },
  };
}
