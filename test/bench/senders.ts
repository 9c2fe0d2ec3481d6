import { setTimeout as pause } from 'node:timers/promises';
import type { Pairing } from '../../discovery/pairing/agent.ts';
import type { Ack, Answer } from '../../protocol/agent-link.ts';
import { connectByHand, type HandAgent } from '../helpers/hand-agent.ts';
import { someFacts } from '../helpers/pairing-appliance.ts';

export const AGENTS = 50;
export const VALUES = 40;
const STREAM = 'stream-of-bench';
const METRICS = Array.from({ length: VALUES }, (_, at) => `bench.value.${at}`);

const descriptors = METRICS.map((id) => ({
  id,
  title: id,
  unit: '1',
  kind: 'gauge',
  rollup: 'average',
  attributes: [],
}));
const series = METRICS.map((metric, ix) => ({ ix, metric, attributes: {} }));

/** Values as a machine has them: some move, some hardly ever. */
function valuesAt(seq: number, agent: number): number[] {
  return METRICS.flatMap((_, ix) => {
    const wave = Math.sin((seq + agent * 7) / (3 + ix));
    return [ix, ix % 4 === 0 ? Math.round(1e9 + 1e8 * wave) : Math.round(10_000 * Math.abs(wave)) / 10_000];
  });
}

const frameAt = (seq: number, agent: number, at: number) => ({
  stream: STREAM,
  seq,
  at,
  mono: seq * 1_000,
  values: valuesAt(seq, agent),
});

export interface Sender {
  agent: HandAgent;
  index: number;
  seq: number;
}

export async function open(url: string, pairing: Pairing, index: number): Promise<Sender> {
  const agent = await connectByHand(url, pairing);
  const facts = { ...someFacts, hostName: `agent-${index}` };
  const hello = await agent.say('hello', { agentVersion: '0.1.0', facts, intervalMs: 1_000 });
  const welcome = await agent.say('declare', { stream: STREAM, descriptors, series });
  if (!hello.ok || !welcome.ok) throw new Error(`agent ${index} was refused: ${JSON.stringify([hello, welcome])}`);
  return { agent, index, seq: 0 };
}

/** Sends the next frames of an agent in one message; resolves with the time to the durable acknowledgement. */
export async function send(sender: Sender, count: number, firstAt: number): Promise<number> {
  const frames = Array.from({ length: count }, (_, at) => frameAt(++sender.seq, sender.index, firstAt + at * 1_000));
  const wanted = sender.seq;
  const startedAt = performance.now();
  const answer: Answer<Ack[]> = await sender.agent.say('frames', { offsetMs: 0, frames });
  const acked = answer.ok ? answer.value[0]?.ackedSeq : undefined;
  if (acked === undefined || acked < wanted) throw new Error(`not acknowledged: ${JSON.stringify(answer)}`);
  return performance.now() - startedAt;
}

/** Every agent sends one frame a second, all on the same tick, as real ones do so that one commit holds them all. */
export async function pace(senders: readonly Sender[], seconds: number): Promise<number[]> {
  const waits: Promise<number>[] = [];
  const startedAt = performance.now();
  for (let second = 0; second < seconds; second++) {
    const at = Date.now();
    for (const sender of senders) waits.push(send(sender, 1, at));
    await pause(Math.max(0, startedAt + (second + 1) * 1_000 - performance.now()));
  }
  return Promise.all(waits);
}
