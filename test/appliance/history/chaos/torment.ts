import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { OpenedHistory } from '../../../../appliance/history/open.ts';
import { bundleProgram } from '../../../helpers/bundle.ts';
import { askHost, type HistoryBench } from '../../../helpers/history.ts';
import { makeDirectory, removeDirectory } from '../../../helpers/temporary.ts';
import { countsOf, exported, saidBy } from '../../../helpers/transfer.ts';
import { AGENTS, type FromChild, START, STEP_MS, type ToChild } from './messages.ts';

let program = '';

/** Makes the program that is killed, for the tests of a file. */
export function useProgram(): void {
  let directory = '';
  beforeAll(async () => {
    directory = makeDirectory();
    program = await bundleProgram(fileURLToPath(new URL('./child.ts', import.meta.url)), directory);
  });
  afterAll(() => removeDirectory(directory));
}

interface Running {
  child: ChildProcess;
  /** Of each agent, up to where the process knows its frames to be durable. */
  ready: number[];
}

/** Starts a history in a process of its own; `place` is a directory, which may be followed by the address of a database. */
export async function start(
  place: readonly string[],
  onMessage: (message: FromChild) => void = () => undefined,
): Promise<Running> {
  const child = fork(program, [...place]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [first] = (await once(child, 'message')) as [FromChild];
  if (!('ready' in first)) throw new Error('refused' in first ? first.refused : 'not ready');
  child.on('message', onMessage);
  return { child, ready: first.ready };
}

export interface Torment {
  place: readonly string[];
  cycles: number;
  random: () => number;
  /** What happens beside it in each cycle, after which it may go on; while it does, frames may be refused. */
  disturb?: () => Promise<void>;
}

/**
 * Has the process take frames of several agents over a link that loses and doubles, and kills it at a random moment, again and again.
 * Answers with what was acknowledged of each agent. Nothing that was acknowledged may be unknown to the next process.
 */
export async function torment({ place, cycles, random, disturb }: Torment): Promise<number[]> {
  const made = Array.from({ length: AGENTS }, () => 0);
  const acked = Array.from({ length: AGENTS }, () => 0);
  const troubles: string[] = [];
  const hear = (message: FromChild) => {
    if ('agent' in message) acked[message.agent] = Math.max(acked[message.agent] ?? 0, message.acked);
    else if ('refused' in message && !disturb) troubles.push(message.refused);
  };
  for (let cycle = 0; cycle < cycles; cycle++) {
    const { child, ready } = await start(place, hear);
    ready.forEach((mark, agent) => {
      if (mark < (acked[agent] ?? 0)) troubles.push(`agent ${agent} was at ${acked[agent]} and is at ${mark}`);
      acked[agent] = mark;
    });
    let isDisturbed = true;
    const disturbed = (disturb?.() ?? Promise.resolve()).finally(() => {
      isDisturbed = false;
    });
    const endsAt = performance.now() + 300 + random() * 900;
    const isLast = cycle === cycles - 1;
    while (performance.now() < endsAt || isDisturbed || (isLast && !acked.some((mark) => mark > 100))) {
      sendSome(child, { made, acked, random });
      await pause(15);
    }
    await disturbed;
    // Whatever the history is doing when nobody talks to it any more.
    await pause(random() * 100);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(troubles.join('\n')).toBe('');
  return acked;
}

interface Agents {
  made: number[];
  acked: number[];
  random: () => number;
}

/** Each agent has read a few values more, and sends all that is not acknowledged; some of it gets lost, some comes twice. */
function sendSome(child: ChildProcess, { made, acked, random }: Agents): void {
  for (let agent = 0; agent < AGENTS; agent++) {
    made[agent] = (made[agent] ?? 0) + Math.floor(random() * 4);
    if (random() < 0.15) continue;
    const from = Math.max(1, (acked[agent] ?? 0) + 1 - (random() < 0.2 ? 3 : 0));
    const numbers = Array.from({ length: Math.min(60, (made[agent] ?? 0) - from + 1) }, (_, i) => from + i);
    if (numbers.length === 0) continue;
    const message: ToChild = { agent, numbers };
    child.send(message, () => undefined);
    if (random() < 0.2) child.send(message, () => undefined);
  }
}

/** Every frame up to the last durable one is there once, sealed and open, and so it is when all have aged into tiers. */
export async function verify(bench: HistoryBench, acked: readonly number[]): Promise<void> {
  bench.now = START + Math.max(...acked) * STEP_MS;
  const history = await bench.open();
  const partitions = history.stats().partitions;
  for (const [agent, mark] of acked.entries()) {
    const durable = history.durableMark(`agent-${agent}/stream`);
    expect(durable).toBeGreaterThanOrEqual(mark);
    const range = { from: START, to: START + (durable + 10) * STEP_MS };
    const answer = await askHost(history, { hostId: `host-${agent}`, ...range, maxPoints: 1_000_000 });
    const [series] = answer.series;
    const found = answer.at.flatMap((_, i) => (series?.average[i] == null ? [] : [[series.min[i], series.max[i]]]));
    expect(found).toEqual(Array.from({ length: durable }, (_, i) => [i + 1, i + 1]));
  }
  expect(history.stats().quarantined).toEqual([]);
  expect(partitions).toBeGreaterThan(0);
  await expectTiers(bench, history);
}

/** When all rows have aged into tiers, each of them stands for every frame once. */
async function expectTiers(bench: HistoryBench, history: OpenedHistory): Promise<void> {
  const sent = Array.from({ length: AGENTS }, (_, agent) => history.durableMark(`agent-${agent}/stream`));
  bench.now += 40 * 86_400_000;
  await history.tend();
  const counts = countsOf(saidBy(await exported(history)));
  const all = sent.reduce((sum, each) => sum + each, 0);
  expect(counts).toEqual({ '5m': all, '1h': all });
  expect((await history.transfer.verify()).findings).toEqual([]);
}
