import type { ExpectedServices, Found } from '../../protocol/agent-link.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { HostService } from '../../protocol/routes/services.ts';
import { worthWatching } from './known.ts';

/** The services that people want on a host, each once; those that are critical belong there too. */
export function expectedOf(host: Pick<Host, 'services' | 'criticalServices'> | undefined): ExpectedServices {
  const critical = new Set(host?.criticalServices);
  const names = new Set([...(host?.services ?? []), ...critical]);
  return [...names].sort().map((name) => ({ name, isCritical: critical.has(name) }));
}

/** What agents have found on their machines; in memory, because each agent tells it again when it connects. */
export class Services {
  readonly #found = new Map<string, { services: Found['services']; at: number }>();

  take(hostId: string, services: Found['services'], at: number): void {
    this.#found.set(hostId, { services, at });
  }

  forget(hostId: string): void {
    this.#found.delete(hostId);
  }

  /** Expected ones first, then what is worth to be watched and runs, then the others. */
  of(host: Host): { items: HostService[]; foundAt?: number } {
    const { services = [], at } = this.#found.get(host.id) ?? {};
    const expected = expectedOf(host);
    const isExpected = new Set(expected.map(({ name }) => name));
    const found = new Map(services.map((service) => [service.name, service]));
    const items = [
      ...expected.map(({ name, isCritical }) => ({ ...found.get(name), name, isExpected: true, isCritical })),
      ...services
        .filter(({ name }) => !isExpected.has(name))
        .map((service) => ({ service, worth: suggestionFor(service) }))
        .sort((a, b) => rank(a.worth) - rank(b.worth) || (a.service.name < b.service.name ? -1 : 1))
        .map(({ service, worth }) => ({
          ...service,
          isExpected: false,
          isCritical: false,
          ...(worth && { suggestion: worth.what }),
        })),
    ];
    return { items, ...(at !== undefined && { foundAt: at }) };
  }
}

type Worth = ReturnType<typeof worthWatching>;

/** Video management first: whoever runs it has the machine for it. */
const rank = (worth: Worth): number => (worth?.isVideo ? 0 : worth ? 1 : 2);

const suggestionFor = ({ name, title, state }: Found['services'][number]): Worth =>
  state === 'running' || state === 'failed' ? worthWatching(name, title) : undefined;
