import { once } from 'node:events';
import { expect, test } from 'vitest';
import { historyBench } from '../../../helpers/history.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { until } from '../../../helpers/until.ts';
import type { FromChild, ToChild } from './messages.ts';
import { start, torment, useProgram, verify } from './torment.ts';

const CYCLES = process.env.REEVE_TEST_STRICT === '1' ? 40 : 20;

useProgram();

test(`killed ${CYCLES} times at random moments, with a link that loses and doubles: nothing lost, nothing doubled`, async () => {
  const dir = temporaryDirectory();
  const acked = await torment({ place: [dir], cycles: CYCLES, random: Math.random });
  await verify(historyBench(dir), acked);
}, 300_000);

test('a second appliance on the same data is refused with the pid of the first, and the first goes on', async () => {
  const dir = temporaryDirectory();
  const heard: FromChild[] = [];
  const first = await start([dir], (message) => heard.push(message));
  await expect(start([dir])).rejects.toThrow(`pid ${first.child.pid}`);
  first.child.send({ agent: 0, numbers: [1, 2] } satisfies ToChild);
  await until(() => heard.length > 0, { what: 'the first acknowledges' });
  expect(heard).toEqual([{ agent: 0, acked: 2 }]);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const { ready } = await start([dir]);
  expect(ready[0]).toBe(2);
});
