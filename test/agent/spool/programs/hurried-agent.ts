import * as z from 'zod/mini';
import { collector } from '../../../../agent/collectors/collector.ts';
import { openAgentLog } from '../../../../agent/log.ts';
import { startAgent } from '../../../../agent/main.ts';

/** Numbers its readings, so that one that is missing, double or changed is seen. */
const counting = collector({
  id: 'counting',
  title: 'Counting',
  settings: z.object({}),
  descriptors: [{ id: 'count', title: 'Count', unit: '1', kind: 'gauge', rollup: 'last' }],
  read: {
    linux: () => {
      let count = 0;
      return { read: (put) => put('count', ++count) };
    },
  },
});

/** An agent that lives fast: reads 200 times a second, and writes what waits to disk at once. */
const { REEVE_AGENT_STATE: stateDir = '', SPOOL_BYTES = '0' } = process.env;
const starting = startAgent({
  stateDir,
  log: openAgentLog('info'),
  mdns: false,
  intervalMs: 5,
  collectors: [counting],
  spoolBytes: Number(SPOOL_BYTES),
  spool: { patienceMs: 0, batchMs: 20 },
});
process.once('SIGTERM', () => void starting.then((agent) => agent.stop()).then(() => process.exit(0)));
