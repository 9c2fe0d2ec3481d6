import type { Host } from '../../protocol/hosts.ts';
import type { Descriptor } from '../../protocol/metrics.ts';
import { mayDo, type Session } from '../session.ts';
import type { Now } from './now.ts';
import { type Family, labelsOf, namesOf } from './prometheus.ts';

export interface FleetParts {
  now: () => number;
  values: Now;
  hostsOf(session: Session): Host[];
  descriptorOf(siteId: string, metric: string): Descriptor | undefined;
}

/** Figures of the appliance itself; `whole` are those that tell of more than one site. */
export interface OwnFigures {
  common(): Family[];
  whole(): Family[];
}

/** Prometheus itself takes a value for gone after five minutes. */
const GONE_MS = 300_000;

/** What a session may scrape: its site's hosts, and the appliance as far as it may know of it. */
export function familiesFor(session: Session, fleet: FleetParts, own: OwnFigures): Family[] {
  const hosts = fleet.hostsOf(session);
  return [
    ...own.common(),
    ...(mayDo(session, 'owner') ? own.whole() : []),
    ...hostFamilies(hosts),
    ...valueFamilies(hosts, fleet),
  ];
}

const labelsOfHost = ({ id, name }: Host) => ({ host_id: id, host: name });

function hostFamilies(hosts: readonly Host[]): Family[] {
  const seen = hosts.filter(({ lastSeenAt }) => lastSeenAt !== undefined);
  return [
    {
      name: 'reeve_host_up',
      help: 'Whether the host is online',
      type: 'gauge',
      samples: hosts.map((host) => ({ labels: labelsOfHost(host), value: host.status === 'online' ? 1 : 0 })),
    },
    {
      name: 'reeve_host_last_seen_timestamp_seconds',
      help: 'When the last value of the host was read',
      type: 'gauge',
      samples: seen.map((host) => ({ labels: labelsOfHost(host), value: (host.lastSeenAt ?? 0) / 1_000 })),
    },
  ];
}

/** Names are made once for each metric and description: every scrape asks for thousands of them. */
function namer(): typeof namesOf {
  const known = new Map<string, ReturnType<typeof namesOf>>();
  return (id, described) => {
    const key = `${id}|${described?.unit}|${described?.kind}`;
    const names = known.get(key) ?? namesOf(id, described);
    known.set(key, names);
    return names;
  };
}

/** Values that are not of now are left out, so that Prometheus sees them end. */
function valueFamilies(hosts: readonly Host[], { now, values, descriptorOf }: FleetParts): Family[] {
  const families = new Map<string, Family & { metric: string }>();
  const at = now();
  const nameOf = namer();
  for (const host of hosts) {
    if (host.status === 'offline') continue;
    const oldest = at - Math.max(GONE_MS, 2.5 * host.intervalMs);
    for (const each of values.of(host.id)) {
      if (each.at < oldest) continue;
      const { metric, attributes } = each.series;
      const described = descriptorOf(host.siteId, metric);
      const { name, factor } = nameOf(metric, described);
      const family = families.get(name) ?? {
        ...{ metric, name, help: described?.title ?? metric, samples: [] },
        type: described?.kind === 'counter' ? ('counter' as const) : ('gauge' as const),
      };
      families.set(name, family);
      // Two metrics that Prometheus would call the same are not mixed.
      if (family.metric !== metric) continue;
      family.samples.push({ labels: labelsOf(labelsOfHost(host), attributes), value: each.value * factor });
    }
  }
  return [...families.values()];
}
