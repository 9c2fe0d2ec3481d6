import { expect, test } from 'vitest';
import { overdueOf } from '../../../appliance/backup/overdue.ts';
import type { JobRun } from '../../../protocol/jobs.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 21);
const run = (daysAgo: number, state: JobRun['state']): JobRun => ({
  ...{ id: '0193a000-0000-7000-8000-00000000000a', jobId: 'backup', by: 'schedule', text: '', state },
  startedAt: NOW - daysAgo * DAY,
});

test.each([
  ['never', [run(99, 'done')], undefined],
  ['daily', [run(1.9, 'done')], undefined],
  ['daily', [run(0.5, 'failed'), run(3, 'done')], 'A daily backup is planned, and the last one is of 2026-11-18'],
  ['weekly', [run(3, 'done')], undefined],
  ['weekly', [run(1, 'failed'), run(9, 'failed')], 'A weekly backup is planned, and none was ever made'],
  ['daily', [], undefined],
] as const)('%s, %j', (schedule, runs, words) => {
  expect(overdueOf(schedule, runs, { since: NOW - DAY, now: NOW })).toBe(words);
});
