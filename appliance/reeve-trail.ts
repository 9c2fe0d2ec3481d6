import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Trail } from './access/trail/trail.ts';
import type { Outside } from './cli/history.ts';
import { UsageError } from './cli/words.ts';
import { openClock } from './clock.ts';
import { openKeys } from './data-key.ts';
import { openStoresOf } from './reeve-stores.ts';
import { openDataDirectory } from './store/directory.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** `reeve verify-audit`: 0 when the trail is intact, 1 when it is not, or when a part of it cannot be proven any more. */
export async function verifyAudit(data: string, env: NodeJS.ProcessEnv, { stdout }: Outside): Promise<number> {
  const dir = path.resolve(data);
  await stat(path.join(dir, 'format.json')).catch(() => {
    throw new UsageError(`There is no data of an appliance in ${dir}: say where it is with --data or REEVE_DATA`);
  });
  const lock = await openDataDirectory({ dir, log: silent });
  try {
    const { now } = await openClock(dir);
    const { seal } = await openKeys(dir, { fromEnvironment: env.REEVE_KEY || undefined, mayBegin: false });
    const { documents, ...stores } = await openStoresOf(dir, env);
    try {
      const trail = await Trail.open({ documents, seal, log: silent, now });
      const { state, entries, seq, hash, problems } = await trail.verify();
      await trail.settled();
      for (const problem of problems) stdout.write(`Entry ${problem.seq}: ${problem.text}\n`);
      const words = {
        intact: 'nothing was changed and nothing is missing',
        unproven: 'a part was written with a key that is gone and cannot be proven; nothing else is wrong',
        broken: 'the audit trail was changed or damaged',
      }[state];
      stdout.write(`${entries} entries: ${words}. Newest: ${seq} ${hash}\n`);
      return state === 'intact' ? 0 : 1;
    } finally {
      await stores.close();
    }
  } finally {
    await lock.release();
  }
}
