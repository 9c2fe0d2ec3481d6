import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { historyBenchOn } from '../../../../helpers/history.ts';
import { postgresPlace } from '../../../../helpers/history-place-postgres.ts';
import { usePostgres } from '../../../../helpers/postgres.ts';
import { seeded } from '../../../../helpers/seeded.ts';
import { temporaryDirectory } from '../../../../helpers/temporary.ts';
import { torment, useProgram, verify } from '../torment.ts';

const CYCLES = process.env.REEVE_TEST_STRICT === '1' ? 24 : 12;
const SEED = Number(process.env.REEVE_TEST_SEED) || Date.now() % 2 ** 31;

useProgram();
const server = usePostgres();

test(`appliance and server killed ${CYCLES} times at random moments (seed ${SEED}): nothing lost, nothing doubled`, async () => {
  const address = await server.database();
  const random = seeded(SEED);
  let kills = 0;
  const disturb = async () => {
    await pause(random() * 700);
    if (random() < 0.3) return;
    await server.kill();
    kills += 1;
    await pause(random() * 400);
    await server.start();
    await pause(random() * 1_500);
  };
  const acked = await torment({ place: [temporaryDirectory(), address], cycles: CYCLES, random, disturb });
  expect(kills).toBeGreaterThan(CYCLES / 3);
  await verify(historyBenchOn(postgresPlace(server, Promise.resolve(address))), acked);
}, 300_000);
