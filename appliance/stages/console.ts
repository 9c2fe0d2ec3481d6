// Part of the last stage: what the screen of the machine and systemd hear of the appliance.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { originOf, ownAddresses } from '../addresses.ts';
import { CONSOLE_FILE, type ConsoleFacts } from '../console-file.ts';
import { SECOND_MS } from '../spans.ts';
import type { Stops } from '../stops.ts';
import { writeWhole } from '../whole-file.ts';
import type { Doors } from './doors.ts';
import type { Features } from './features.ts';
import { learnName, nameOnLan } from './lan-name.ts';

const LOOK_MS = 2 * SECOND_MS;
const NAME_MS = 30 * SECOND_MS;

/** How the appliance fares now, for people who stand before it. */
export function consoleFactsOf(
  fixedUrl: string | undefined,
  { access, inventory, alerts }: Features,
  { listeners }: Doors,
): ConsoleFacts {
  const hosts = inventory.all();
  // The address may come after the start, and change: what was printed then is of no use.
  const url = fixedUrl ?? originOf('http', ownAddresses()[0] ?? 'localhost', listeners.httpPort);
  const open = alerts.book.all().filter(({ status }) => status !== 'resolved');
  const count = (wanted: string): number => open.filter(({ severity }) => severity === wanted).length;
  return {
    version: pkg.version,
    url,
    httpPort: listeners.httpPort,
    localName: nameOnLan(),
    setupUrl: access.site ? null : `${url}/#code=${access.setupCode.text}`,
    hosts: {
      all: hosts.length,
      online: hosts.filter(({ status }) => status === 'online').length,
      offline: hosts.filter(({ status }) => status === 'offline').length,
    },
    alerts: { critical: count('critical'), high: count('high'), medium: count('medium'), low: count('low') },
  };
}

/** Keeps the file for `reeve console` true: written when something in it has changed, gone when the appliance is. */
export async function tellConsole(dir: string, facts: () => ConsoleFacts, stops: Stops): Promise<void> {
  const file = path.join(dir, CONSOLE_FILE);
  let written = '';
  const tell = async (): Promise<void> => {
    const text = JSON.stringify(facts());
    if (text === written) return;
    await writeWhole(file, `${text}\n`);
    written = text;
  };
  stops.add('console', () => rm(file, { force: true }));
  await tell();
  stops.every(LOOK_MS, 'console', tell);
  stops.every(NAME_MS, 'name on the LAN', learnName);
  void learnName();
}
