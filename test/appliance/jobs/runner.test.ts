import { describe, expect, test } from 'vitest';
import { Hub } from '../../../appliance/hub.ts';
import { JobRunner } from '../../../appliance/jobs/runner.ts';
import type { Job } from '../../../appliance/jobs.ts';
import { openLog } from '../../../appliance/log.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import type { JobRun } from '../../../protocol/jobs.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-06-01T00:00:00Z');

async function bench(dir = temporaryDirectory()) {
  const documents = await openDocumentStore({ dir, log: keepingLog() });
  const hub = new Hub(() => undefined);
  const told: JobRun[] = [];
  const facts: string[] = [];
  hub.on('job', ({ run }) => void told.push(run));
  hub.on('fact', ({ key, state }) => void facts.push(`${key} ${state}`));
  const clock = { now: START };
  const log = openLog({ level: 'silent', isTerminal: false });
  const open = () => JobRunner.open({ documents, hub, now: () => clock.now, log, retryMs: 1 });
  return { dir, documents, hub, told, facts, clock, open, runner: await open() };
}

const job = (parts: Partial<Job> & Pick<Job, 'run'>): Job => ({
  id: 'test',
  title: 'Test',
  schedule: 'by hand',
  timeoutMs: 60_000,
  ...parts,
});
/** Ends when its signal says so. */
const endless: Job['run'] = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('the runner of jobs', () => {
  test('keeps what became of a run, and tells the hub', async () => {
    const { runner, told, facts } = await bench();
    runner.add(job({ run: async () => 'Did 3 things' }));
    await runner.start('test', 'alex');
    expect(await runner.ended('test')).toMatchObject({ state: 'done', text: 'Did 3 things', by: 'alex' });
    expect(told.map(({ state }) => state)).toEqual(['running', 'done']);
    expect(facts).toEqual(['test ok']);
    expect(await runner.runs('test')).toHaveLength(1);
  });

  test('answers with the run that is under way instead of a second one', async () => {
    const { runner } = await bench();
    runner.add(job({ run: endless }));
    const [first, second] = await Promise.all([runner.start('test', 'a'), runner.start('test', 'b')]);
    expect(second.id).toBe(first.id);
    runner.cancel('test', 'b');
    expect(await runner.ended('test')).toMatchObject({ state: 'cancelled', text: 'Cancelled by b' });
  });

  test('has two at work at once; the third begins when one has ended', async () => {
    const { runner } = await bench();
    const begun: string[] = [];
    for (const id of ['a', 'b', 'c'])
      runner.add(
        job({
          id,
          run: (context) => {
            begun.push(id);
            return endless(context);
          },
        }),
      );
    for (const id of ['a', 'b', 'c']) await runner.start(id, 'x');
    await until(() => begun.length === 2);
    runner.cancel('a', 'x');
    await until(() => begun.length === 3);
    expect(begun).toEqual(['a', 'b', 'c']);
    await runner.stop();
  });

  test('ends a run that takes too long', async () => {
    const { runner, facts } = await bench();
    runner.add(job({ run: endless, timeoutMs: 5 }));
    await runner.start('test', 'x');
    expect(await runner.ended('test')).toMatchObject({ state: 'failed', text: expect.stringContaining('longer') });
    expect(facts).toEqual(['test wrong']);
  });

  test('tries again as often as the job says, then fails with the reason', async () => {
    const { runner } = await bench();
    let tries = 0;
    const run = async () => {
      tries++;
      if (tries < 3) throw new Error(`no ${tries}`);
      return 'at last';
    };
    runner.add(job({ run, retries: 2 }));
    await runner.start('test', 'x');
    expect(await runner.ended('test')).toMatchObject({ state: 'done', text: 'at last' });
    tries = -10;
    await runner.start('test', 'x');
    expect(await runner.ended('test')).toMatchObject({ state: 'failed', text: 'no -7' });
  });

  test('starts a job when its time has come, and once for however many times were missed', async () => {
    const { runner, clock, open } = await bench();
    let runs = 0;
    const hourly = job({ schedule: { everyMs: HOUR }, run: async () => String(++runs) });
    runner.add(hourly);
    await runner.tick();
    clock.now += HOUR - 1;
    await runner.tick();
    expect(runs).toBe(0);
    clock.now += 1;
    await runner.tick();
    await runner.ended('test');
    expect(runs).toBe(1);
    clock.now += 50 * HOUR;
    const again = await open();
    again.add(hourly);
    await again.tick();
    await again.ended('test');
    await again.tick();
    expect(runs).toBe(2);
    expect(again.list()[0]?.nextAt).toBe(clock.now + HOUR);
  });

  test('counts a schedule that was changed from now on', async () => {
    const { runner, clock } = await bench();
    let runs = 0;
    let cron = '0 12 * * *';
    runner.add(job({ schedule: () => ({ cron, zone: 'UTC' }), run: async () => String(++runs) }));
    await runner.tick();
    clock.now += 6 * HOUR;
    cron = '0 5 * * *';
    await runner.tick();
    await runner.tick();
    expect(runs).toBe(0);
    expect(runner.list()[0]?.nextAt).toBe(START + 29 * HOUR);
  });

  test('marks a run that was under way when the appliance was killed', async () => {
    const { runner, open } = await bench();
    runner.add(job({ run: endless }));
    await runner.start('test', 'x');
    const again = await open(); // The first one is just left behind, as by kill -9.
    again.add(job({ run: endless }));
    expect(again.list()[0]).toMatchObject({ last: { state: 'interrupted' } });
    expect(again.list()[0]?.running).toBeUndefined();
  });

  test('says so when the appliance is stopped', async () => {
    const { runner } = await bench();
    runner.add(job({ run: endless }));
    await runner.start('test', 'x');
    await runner.stop();
    expect(runner.list()[0]?.last).toMatchObject({ state: 'interrupted' });
  });

  test('tells how far a run is, while it runs', async () => {
    const { runner, told } = await bench();
    runner.add(
      job({
        run: async (context) => {
          context.progress({ done: 1, of: 4, text: 'one' });
          return endless(context);
        },
      }),
    );
    await runner.start('test', 'x');
    await until(() => runner.list()[0]?.running?.progress?.done === 1);
    expect(told.some(({ progress }) => progress?.text === 'one')).toBe(true);
    await runner.stop();
  });

  test('drops old runs and keeps the last', async () => {
    const { runner, clock } = await bench();
    runner.add(job({ run: async () => 'ok' }));
    for (let n = 0; n < 3; n++) {
      clock.now += HOUR;
      await runner.start('test', 'x');
      await runner.ended('test');
    }
    expect(await runner.prune(clock.now + HOUR)).toBe(2);
    expect(await runner.runs('test')).toHaveLength(1);
  });
});
