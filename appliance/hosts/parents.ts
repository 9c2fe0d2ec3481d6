import type { Host, LearntParent } from '../../protocol/hosts.ts';

const CONTAINERS = ['docker', 'podman', 'lxc', 'systemd-nspawn', 'oci', 'containerd', 'rkt'];
const isContainer = ({ facts }: Host): boolean => CONTAINERS.includes(facts?.virtualisation ?? '');
const macsOf = ({ macs = [], facts }: Host): readonly string[] => [...macs, ...(facts?.macs ?? [])];
const addressesOf = ({ addresses = [], facts }: Host): readonly string[] => [...addresses, ...(facts?.addresses ?? [])];

type Learnt = Omit<LearntParent, 'at'>;

/**
 * What each host of one site depends on, learnt from what agents say: the machine it runs on, else the router without which it cannot
 * report. Pure and the same for the same hosts. Where a person has chosen, or wants nothing learnt, nothing is; who depends on whom never
 * makes a circle, because what closes one is left out: first of all what persons say holds, then what runs where, then the ways.
 */
export function learnParents(hosts: readonly Host[]): Map<string, Learnt> {
  const above = new Map(hosts.flatMap(({ id, parentId }) => (parentId === undefined ? [] : [[id, parentId]])));
  const learners = hosts.filter(({ parentId, learnsParent }) => parentId === undefined && learnsParent !== false);
  const learnt = new Map<string, Learnt>();
  for (const find of [machineUnder, routerOf]) {
    for (const host of learners) {
      const found = learnt.has(host.id) ? undefined : find(host, hosts);
      if (!found || leadsTo(found.id, host.id, above)) continue;
      learnt.set(host.id, found);
      above.set(host.id, found.id);
    }
  }
  return learnt;
}

/** Whether who goes up from `from` comes by `to`. */
function leadsTo(from: string, to: string, above: ReadonlyMap<string, string>): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = from; at !== undefined && !seen.has(at); at = above.get(at)) {
    if (at === to) return true;
    seen.add(at);
  }
  return false;
}

/** The machine in whose bridge its card was heard, or with whose card it speaks as a container. */
function machineUnder(host: Host, hosts: readonly Host[]): Learnt | undefined {
  if (host.facts?.virtualisation === undefined) return undefined;
  const own = new Set(host.facts.macs);
  const claimed = hosts.flatMap((other) => {
    const mac = other.id === host.id ? undefined : other.facts?.guestMacs?.find((each) => own.has(each));
    return mac === undefined ? [] : [{ other, mac }];
  });
  const [nearest, ...more] = claimed.filter(({ other }) => !claimed.some((each) => hangsOn(each.other, other)));
  if (nearest && more.length === 0) return { id: nearest.other.id, from: 'hypervisor', evidence: nearest.mac };
  return sharer(host, hosts) ?? kept(host, hosts);
}

/** Whether one of two machines that both claim a guest runs on the other: then the inner one is its machine. */
const hangsOn = (inner: Host, outer: Host): boolean =>
  inner.id !== outer.id && macsOf(inner).some((mac) => outer.facts?.guestMacs?.includes(mac) === true);

/** A container without a network of its own has the cards of its machine. */
function sharer(host: Host, hosts: readonly Host[]): Learnt | undefined {
  if (!isContainer(host)) return undefined;
  const own = host.facts?.macs ?? [];
  const found = hosts.filter(
    (other) => other.id !== host.id && !isContainer(other) && other.facts?.macs.some((mac) => own.includes(mac)),
  );
  const [machine] = found;
  const mac = own.find((each) => machine?.facts?.macs.includes(each));
  return machine && mac !== undefined && found.length === 1
    ? { id: machine.id, from: 'hypervisor', evidence: mac }
    : undefined;
}

/** A guest that is off is heard by nobody; where it was it is, until another machine hears it or its card is another. */
function kept({ learntParent: was, facts }: Host, hosts: readonly Host[]): Learnt | undefined {
  if (was?.from !== 'hypervisor' || !facts?.macs.includes(was.evidence)) return undefined;
  const machine = hosts.find(({ id }) => id === was.id);
  return machine && { id: machine.id, from: 'hypervisor', evidence: was.evidence };
}

/** The one host that has the hardware address of the router on the way, or its address where that is not known. */
function routerOf(host: Host, hosts: readonly Host[]): Learnt | undefined {
  const way = host.facts?.gateways?.find(({ isOnTheWay }) => isOnTheWay);
  if (!way) return undefined;
  const { address, mac } = way;
  const others = hosts.filter(({ id }) => id !== host.id);
  const byMac = mac === undefined ? [] : others.filter((other) => macsOf(other).includes(mac));
  const byAddress = others.filter((other) => addressesOf(other).includes(address) && !isAnother(other, mac));
  const [router, ...more] = byMac.length > 0 ? byMac : byAddress;
  if (!router || more.length > 0) return undefined;
  return { id: router.id, from: 'gateway', evidence: byMac.length > 0 && mac !== undefined ? mac : address };
}

/** Networks often number alike: whose cards are known to be others is another machine with the same address. */
const isAnother = (other: Host, mac: string | undefined): boolean =>
  mac !== undefined && macsOf(other).length > 0 && !macsOf(other).includes(mac);
