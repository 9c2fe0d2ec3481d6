import { openAgentLog } from '../../agent/log.ts';
import { startAgent } from '../../agent/main.ts';

/** The agent of dist/, but for its interval, which may be shorter than the protocol allows: years of frames in a minute. */
const { REEVE_AGENT_STATE: stateDir = '', BENCH_INTERVAL_MS } = process.env;
const log = openAgentLog('warn');
void startAgent({ stateDir, log, mdns: false, intervalMs: Number(BENCH_INTERVAL_MS) }).then(({ failed }) =>
  failed.then((error) => {
    log.error({ reason: error.message }, 'the agent cannot go on');
    process.exit(1);
  }),
);
