import { dns } from './dns.ts';
import { llmnr } from './llmnr.ts';
import { mdns } from './mdns.ts';
import type { NameProbe } from './name-probe.ts';
import { netbios } from './netbios.ts';
import { ssdp } from './ssdp.ts';

/** Every way of asking devices for their names. */
export const nameProbes: readonly NameProbe[] = [mdns, dns, netbios, llmnr, ssdp];
