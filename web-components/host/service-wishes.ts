import type { Host } from '../../protocol/hosts.ts';
import { msg } from '../msg.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call, problemText } from '../rest.ts';

/** What a person wants of a service. */
export interface Wanted {
  name: string;
  as: 'none' | 'expected' | 'critical';
}

interface Wishes {
  services: string[];
  criticalServices: string[];
}

const wishesOf = ({ services = [], criticalServices = [] }: Pick<Host, 'services' | 'criticalServices'>): Wishes => ({
  services: [...services],
  criticalServices: [...criticalServices],
});

/** The lists of a host with one more wish; a critical service stands in both. */
export function wantedWith(
  host: Pick<Host, 'services' | 'criticalServices'>,
  { name, as }: Wanted,
): Wishes & { text: string } {
  const { services, criticalServices } = wishesOf(host);
  const all = [...new Set([...services, ...criticalServices])];
  const others = (names: readonly string[]): string[] => names.filter((each) => each !== name);
  const isKnown = all.includes(name);
  return {
    services: as === 'none' ? others(all) : isKnown ? all : [...all, name],
    criticalServices: as === 'critical' ? [...others(criticalServices), name] : others(criticalServices),
    text:
      as === 'none'
        ? msg('{name} is no longer expected', { name })
        : as === 'critical'
          ? msg('{name} is expected, and critical', { name })
          : msg('{name} is expected', { name }),
  };
}

/** Puts the lists on record and offers to take that back; answers with the host as it is then. Never fails: what went wrong is said. */
export async function expecting(host: Host, { text, ...wishes }: Wishes & { text: string }): Promise<Host | undefined> {
  const put = (rev: number, body: Wishes) =>
    call('PATCH /api/v1/hosts/:hostId', { params: { hostId: host.id }, body: { rev, ...body } });
  try {
    const changed = await put(host.rev, wishes);
    const undo = () => void tried(() => put(changed.rev, wishesOf(host)));
    toast({ text, undo });
    return changed;
  } catch (error) {
    toast({ text: problemText(error) });
    return undefined;
  }
}
