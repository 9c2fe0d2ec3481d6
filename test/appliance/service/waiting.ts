// A program whose start waits for something that does not come.
import { setTimeout as pause } from 'node:timers/promises';
import { runUntilStopped } from '../../../appliance/run.ts';
import { openServiceManager } from '../../../appliance/service-manager.ts';

await runUntilStopped(
  async (_former, stopping) => {
    process.stdout.write('waits\n');
    await pause(60_000, undefined, { signal: stopping });
    throw new Error('it was not stopped');
  },
  { manager: openServiceManager(process.env), probe: async () => undefined },
);
