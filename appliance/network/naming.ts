import { type NameSource, nameSource } from '../../protocol/network.ts';
import type { Logger } from '../log.ts';
import type { DeviceRecord } from './documents.ts';
import { nameProbes } from './names/index.ts';
import type { Found } from './names/name-probe.ts';
import type { SweepLink } from './sweep/result.ts';

/** All that the probes found of an address. */
export interface Named {
  names: Partial<Record<NameSource, string>>;
  services: string[];
  model?: string;
}

const MOST_SERVICES = 40;

/**
 * Asks devices for their names in every way at once; one way that fails keeps no other back. What comes is what anybody on the LAN may
 * claim: short, clean, and never more than a label.
 */
export async function askNames(
  ips: readonly string[],
  { link, signal, log }: { link: SweepLink | undefined; signal: AbortSignal; log: Logger },
): Promise<Map<string, Named>> {
  const found = new Map<string, Named>();
  await Promise.all(
    nameProbes.map(async ({ id, ask }) => {
      try {
        for (const [ip, each] of await ask(ips, { link, signal })) add(found, ip, { source: id, ...each });
      } catch (error) {
        log.debug({ err: error, probe: id }, 'names could not be asked for in this way');
      }
    }),
  );
  return found;
}

function add(
  found: Map<string, Named>,
  ip: string,
  { source, name, services = [], model }: Found & { source: string },
): void {
  const named = found.get(ip) ?? { names: {}, services: [] };
  found.set(ip, named);
  const known = nameSource.safeParse(source);
  if (name !== undefined && known.success) named.names[known.data] = name;
  named.services = [...new Set([...named.services, ...services])].slice(0, MOST_SERVICES);
  if (model !== undefined) named.model ??= model;
}

/** A name that did not come again stays: a device that sleeps half does not lose it. */
export function withNames(device: DeviceRecord, named: Named | undefined, now: number): DeviceRecord {
  if (!named) return { ...device, namedAt: now };
  const model = named.model ?? device.model;
  return {
    ...device,
    namedAt: now,
    names: { ...device.names, ...named.names },
    services: named.services.length > 0 ? named.services : device.services,
    ...(model !== undefined && { model }),
  };
}
