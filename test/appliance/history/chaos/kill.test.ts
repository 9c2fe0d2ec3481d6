import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { OpenedHistory } from '../../../../appliance/history/open.ts';
import { bundleProgram } from '../../../helpers/bundle.ts';
import { askHost, type HistoryBench, historyBench } from '../../../helpers/history.ts';
import { makeDirectory, removeDirectory, temporaryDirectory } from '../../../helpers/temporary.ts';
import { countsOf, exported, saidBy } from '../../../helpers/transfer.ts';
import { until } from '../../../helpers/until.ts';
import { AGENTS, type FromChild, START, STEP_MS, type ToChild } from './messages.ts';

const CYCLES = process.env.REEVE_TEST_STRICT === '1' ? 40 : 20;

let directory: string;
let program: string;
beforeAll(async () => {
  directory = makeDirectory();
  program = await bundleProgram(fileURLToPath(new URL('./child.ts', import.meta.url)), directory);
});
afterAll(() => removeDirectory(directory));

interface Running {
  child: ChildProcess;
  ready: number[];
}

async function start(dir: string, onMessage: (message: FromChild) => void = () => undefined): Promise<Running> {
  const child = fork(program, [dir]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [first] = (await once(child, 'message')) as [FromChild];
  if (!('ready' in first)) throw new Error('refused' in first ? first.refused : 'not ready');
  child.on('message', onMessage);
  return { child, ready: first.ready };
}

test(`killed ${CYCLES} times at random moments, with a link that loses and doubles: nothing lost, nothing doubled`, async () => {
  const dir = temporaryDirectory();
  const made = Array.from({ length: AGENTS }, () => 0);
  const acked = Array.from({ length: AGENTS }, () => 0);
  const troubles: string[] = [];
  const hear = (message: FromChild) => {
    if ('refused' in message) troubles.push(message.refused);
    else if ('agent' in message) acked[message.agent] = Math.max(acked[message.agent] ?? 0, message.acked);
  };
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const { child, ready } = await start(dir, hear);
    ready.forEach((mark, agent) => {
      if (mark < (acked[agent] ?? 0)) troubles.push(`agent ${agent} was at ${acked[agent]} and is at ${mark}`);
      acked[agent] = mark;
    });
    const endsAt = performance.now() + 300 + Math.random() * 900;
    while (performance.now() < endsAt) {
      for (let agent = 0; agent < AGENTS; agent++) {
        made[agent] = (made[agent] ?? 0) + Math.floor(Math.random() * 4);
        if (Math.random() < 0.15) continue;
        const from = Math.max(1, (acked[agent] ?? 0) + 1 - (Math.random() < 0.2 ? 3 : 0));
        const numbers = Array.from({ length: Math.min(60, (made[agent] ?? 0) - from + 1) }, (_, i) => from + i);
        if (numbers.length === 0) continue;
        const message: ToChild = { agent, numbers };
        child.send(message, () => undefined);
        if (Math.random() < 0.2) child.send(message, () => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    if (cycle === CYCLES - 1) await until(() => acked.some((mark) => mark > 100), { what: 'frames were acknowledged' });
    // Whatever the history is doing when nobody talks to it any more.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  expect(troubles.join('\n')).toBe('');
  await verify(dir, acked);
}, 300_000);

async function verify(dir: string, acked: readonly number[]): Promise<void> {
  const bench = historyBench(dir);
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

test('a second appliance on the same data is refused with the pid of the first, and the first goes on', async () => {
  const dir = temporaryDirectory();
  const heard: FromChild[] = [];
  const first = await start(dir, (message) => heard.push(message));
  await expect(start(dir)).rejects.toThrow(`pid ${first.child.pid}`);
  first.child.send({ agent: 0, numbers: [1, 2] } satisfies ToChild);
  await until(() => heard.length > 0, { what: 'the first acknowledges' });
  expect(heard).toEqual([{ agent: 0, acked: 2 }]);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const { ready } = await start(dir);
  expect(ready[0]).toBe(2);
});
