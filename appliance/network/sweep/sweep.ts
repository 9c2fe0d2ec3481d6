import { arpScan } from './arp-scan.ts';
import { knock } from './knock.ts';
import { NeighbourSweep } from './neighbour-sweep.ts';
import { kernelTable, type NeighbourTable } from './neighbours.ts';
import type { SweepContext, SweepLink, SweepTarget, Swept } from './result.ts';

export interface SweepMeans {
  table: NeighbourTable;
  arpScan: typeof arpScan;
  knock: typeof knock;
}

/** What this machine has. */
export const ownMeans: SweepMeans = { table: kernelTable, arpScan, knock };

/**
 * Asks every address of a subnet whether somebody is there: by arp-scan where it may run, else through the kernel's table of
 * neighbours; a network behind a router by TCP. Fails when it is aborted or the network cannot be used: then nothing is known.
 */
export async function sweep(
  target: SweepTarget,
  link: SweepLink | undefined,
  { context, means = ownMeans }: { context: SweepContext; means?: SweepMeans },
): Promise<Swept> {
  if (!link) return means.knock(target, context);
  const raw = await means.arpScan(target, link, context);
  const swept = raw ?? (await new NeighbourSweep(target, link, { table: means.table, context }).run());
  const self = { ip: link.address, mac: link.mac, at: context.now() };
  const of = Math.max(swept.of, target.addresses.length);
  const asked = swept.asked + (of - swept.of); // The own address needs no question.
  return { ...swept, asked, of, sightings: [...swept.sightings, self] };
}
