import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPLIANCE_FLAGS } from '../../image/appliance-flags.mjs';
import { makeDirectory } from './directories.ts';
import { type Program, startProgram } from './program.ts';
import { ROOT } from './root.ts';
import { until } from './until.ts';

const programIn = (dist: string): string => join(dist, 'appliance/main.js');
export const APPLIANCE = programIn(join(ROOT, 'dist'));

export interface RunningAppliance extends Program {
  readonly dataDir: string;
  /** Where this test reaches it. */
  readonly httpUrl: string;
  readonly httpsUrl: string;
  /** The set-up code that it printed; empty when it has an owner. */
  readonly setupCode: string;
}

export interface ApplianceSettings {
  /** Its data directory; a new empty one by default. */
  dataDir?: string;
  env?: Record<string, string>;
  /** Another build than that of this repository: its `dist`. */
  dist?: string;
  /** Another Node than that which runs the tests. */
  node?: string;
  /** Address at which the test reaches it; 127.0.0.1 by default. */
  address?: string;
  /** Put before its command line, as `ip netns exec NAME`. */
  within?: readonly string[];
}

const QUIET = { REEVE_HTTP_PORT: '0', REEVE_HTTPS_PORT: '0', REEVE_MDNS: 'off', REEVE_SELF_AGENT: 'off' };

/**
 * Starts the built appliance as a process of its own: any free ports, no mDNS, no agent of its own unless `env` says so.
 * Resolves when it has said where it is.
 */
export async function startAppliance(settings: ApplianceSettings = {}): Promise<RunningAppliance> {
  const {
    dataDir = makeDirectory(),
    env = {},
    address = '127.0.0.1',
    within = [],
    dist,
    node = process.execPath,
  } = settings;
  const file = dist === undefined ? APPLIANCE : programIn(dist);
  const program = startProgram([...within, node, ...APPLIANCE_FLAGS, file], {
    env: { ...QUIET, REEVE_DATA: dataDir, ...env },
  });
  await until(() => !program.isRunning() || placeOf(dataDir).pid === program.pid, {
    timeoutMs: 30_000,
    what: 'the appliance says where it is',
  });
  if (!program.isRunning()) throw new Error(`the appliance did not start: ${program.output()}`);
  const { httpPort, httpsPort } = placeOf(dataDir);
  const httpUrl = `http://${address}:${httpPort}`;
  await until(async () => (await fetch(`${httpUrl}/health`)).ok, { what: 'the appliance answers' });
  await until(() => program.output().includes('Reeve '), { what: 'the appliance prints its address' });
  return {
    ...program,
    dataDir,
    httpUrl,
    httpsUrl: `https://${address}:${httpsPort}`,
    setupCode: /#code=([\w-]+)/.exec(program.output())?.[1] ?? '',
  };
}

/** What `run.json` says; one that was left behind has another process id. Throws while it is being written. */
function placeOf(dataDir: string): { pid: number; httpPort: number; httpsPort: number } {
  return JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));
}
