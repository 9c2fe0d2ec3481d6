import { z } from 'zod';

/** Name of the file in the run-time folder of the service (`RUNTIME_DIRECTORY`), which is memory and its user's alone. */
export const CONSOLE_FILE = 'console.json';

const count = z.number().int().min(0);

/** What the appliance tells the screen of its own machine; `reeve console` shows it. */
export const consoleFacts = z.object({
  version: z.string().max(64),
  /** With the address by which people reach the dashboard. */
  url: z.string().max(512),
  httpPort: z.number().int().min(1).max(65_535),
  /** The name that it answers to over mDNS, as `reeve.local`; null while it has none. */
  localName: z.string().max(80).nullable(),
  /** Only as long as there is no owner: the link holds the set-up code. */
  setupUrl: z.string().max(600).nullable(),
  hosts: z.object({ all: count, online: count, offline: count }),
  alerts: z.object({ critical: count, high: count, medium: count, low: count }),
});
export type ConsoleFacts = z.infer<typeof consoleFacts>;

/** One line for who looks at the service: `3 of 4 hosts online, 1 alert; http://192.168.1.5:8080`. */
export function statusLine({ url, setupUrl, hosts, alerts }: ConsoleFacts): string {
  if (setupUrl !== null) return `Waits for its owner; ${url}`;
  const open = Object.values(alerts).reduce((sum, each) => sum + each, 0);
  return `${hosts.online} of ${hosts.all} hosts online, ${open} ${open === 1 ? 'alert' : 'alerts'}; ${url}`;
}
