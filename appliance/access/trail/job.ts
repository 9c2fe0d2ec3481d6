import type { Job } from '../../jobs.ts';
import type { Trail } from './trail.ts';

const DAY_MS = 86_400_000;

/** The job that checks the audit trail each day, so that damage is heard of without anybody asking. */
export function checkTrailJob(trail: Trail): Job {
  return {
    id: 'verify-audit',
    title: 'Check the audit trail',
    schedule: { everyMs: DAY_MS },
    timeoutMs: 10 * 60_000,
    async run() {
      const { state, entries, problems } = await trail.verify();
      const [first] = problems;
      if (first) throw new Error(`The audit trail does not hold at entry ${first.seq}: ${first.text}`);
      if (state === 'unproven') return `${entries} entries; a part was written with a key that is gone`;
      return `${entries} entries, all in order`;
    },
  };
}
