import { statusLine } from './console-file.ts';
import type { Hub } from './hub.ts';
import { openLog } from './log.ts';
import { openLogFile } from './log-file.ts';
import type { ApplianceOptions } from './options.ts';
import { RecentLines } from './recent-lines.ts';
import { SECOND_MS } from './spans.ts';
import { consoleFactsOf, tellConsole } from './stages/console.ts';
import { openDoors } from './stages/doors.ts';
import { openFeatures } from './stages/features.ts';
import { openState } from './stages/state.ts';
import { startWork } from './stages/work.ts';
import { asStartError } from './start-error.ts';
import { Stops } from './stops.ts';

export interface Appliance {
  httpUrl: string;
  httpsUrl: string;
  /** For a start after this one: where everybody knows it. */
  ports: { httpPort: number; httpsPort: number };
  /** Resolves when it asks to be stopped and started anew, because its data is to be replaced by a restored backup. */
  restartAsked: Promise<void>;
  /** How it fares, in one line. */
  status(): string;
  /** Ends all work, commits what is open and closes every file; nothing runs on after it. */
  stop(): Promise<void>;
}

/** Opens the state, joins the features on the hub, opens the doors, starts the work; stops in reverse. */
export async function startAppliance(options: ApplianceOptions): Promise<Appliance> {
  const lines = new RecentLines();
  const file = options.logFile === undefined ? undefined : openLogFile(options.logFile);
  const also = [lines, ...(file ? [file] : [])];
  const log = openLog({ level: options.logLevel, isTerminal: options.isTerminal, also });
  const stops = new Stops((what, error) => log.error({ component: 'appliance', err: error, what }, 'part failed'));
  stops.add('log file', () => file?.close());
  try {
    const state = await openState(options, log, stops);
    const features = await openFeatures(options, state, stops);
    stops.add('event loop', () => features.watch.loop.stop());
    const doors = await openDoors({ options, state: { ...state, lines }, features, stops });
    await startWork({ options, state, features, doors, stops });
    const facts = () => consoleFactsOf(options.url, features, doors);
    if (options.runDir !== undefined) await tellConsole(options.runDir, facts, stops);
    const { httpUrl, httpsUrl, listeners } = doors;
    const { httpPort, httpsPort } = listeners;
    return {
      httpUrl,
      httpsUrl,
      ports: { httpPort, httpsPort },
      restartAsked: restoredOf(state.hub),
      status: () => statusLine(facts()),
      stop: () => stops.stop(),
    };
  } catch (error) {
    await stops.stop();
    throw asStartError(error, options.data);
  }
}

/** Resolves a moment after a restore is ready, so that its last word reaches who asked for it. */
function restoredOf(hub: Hub): Promise<void> {
  return new Promise((resolve) => {
    hub.on('job', ({ run }) => {
      if (run.jobId === 'restore' && run.state === 'done') setTimeout(resolve, SECOND_MS).unref();
    });
  });
}
