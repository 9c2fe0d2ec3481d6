import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { SECOND_MS } from '../../spans.ts';
import { isCard } from '../mac.ts';

/** One line of the kernel's table of neighbours. */
export interface Neighbour {
  ip: string;
  /** Absent while nobody has answered. */
  mac?: string;
  interface: string;
  /** As `ip neigh` writes it; `UNKNOWN` where only `/proc/net/arp` can be read. */
  state: string;
  /** How long ago it proved to be there. */
  confirmedMs?: number;
}

export interface NeighbourTable {
  /** Addresses that the kernel has asked for on an interface, answered or not; cheap. */
  asked(interfaceName: string): Promise<ReadonlySet<string>>;
  /** Everything that the table says of an interface. */
  read(interfaceName: string, family?: 4 | 6): Promise<Neighbour[]>;
}

const MOST_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 5 * SECOND_MS;
const COMPLETE = 0x2;

/**
 * What `ip -s -j neigh` wrote; lines that are none are left out. Asked for one interface it does not name it: that is `interfaceName`.
 * By hand and not by a schema, because a sweep reads some hundred lines each time and has 50 ms in all.
 */
export function parseNeighbours(text: string, interfaceName = ''): Neighbour[] {
  const lines: unknown = JSON.parse(text.trim() === '' ? '[]' : text);
  if (!Array.isArray(lines)) return [];
  return lines.flatMap((each: unknown) => neighbourOf(each, interfaceName) ?? []);
}

function neighbourOf(each: unknown, interfaceName: string): Neighbour | undefined {
  if (typeof each !== 'object' || each === null) return undefined;
  const { dst, dev = interfaceName, lladdr, state, confirmed } = each as Record<string, unknown>;
  if (typeof dst !== 'string' || typeof dev !== 'string' || isIP(dst) === 0) return undefined;
  const mac = typeof lladdr === 'string' ? lladdr.toLowerCase() : '';
  const word: unknown = Array.isArray(state) ? state[0] : undefined;
  return {
    ip: dst,
    interface: dev,
    state: typeof word === 'string' ? word : 'NONE',
    ...(isCard(mac) && { mac }),
    ...(typeof confirmed === 'number' && { confirmedMs: confirmed * SECOND_MS }),
  };
}

/** `/proc/net/arp`: without any program, and without knowing since when a neighbour is silent. */
export function parseArpFile(text: string): Neighbour[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((each) => {
      const [ip = '', , flags = '0', mac = '', , interfaceName = ''] = each.trim().split(/\s+/);
      if (isIP(ip) !== 4) return [];
      const isThere = (Number.parseInt(flags, 16) & COMPLETE) !== 0 && isCard(mac.toLowerCase());
      const head = { ip, interface: interfaceName };
      return isThere ? { ...head, state: 'UNKNOWN', mac: mac.toLowerCase() } : { ...head, state: 'INCOMPLETE' };
    });
}

const arpFile = (): Promise<string> => readFile('/proc/net/arp', 'utf8');

const show = (interfaceName: string, family: 4 | 6): Promise<string> =>
  new Promise((resolve, reject) => {
    const parameters = [`-${family}`, '-s', '-j', 'neigh', 'show', 'dev', interfaceName];
    execFile('ip', parameters, { timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });

/** The table of this machine; needs no right. Without the program `ip` it knows less, and nothing of IPv6. */
export const kernelTable: NeighbourTable = {
  async asked(interfaceName) {
    const lines = parseArpFile(await arpFile());
    return new Set(lines.flatMap((each) => (each.interface === interfaceName ? each.ip : [])));
  },
  async read(interfaceName, family = 4) {
    try {
      return parseNeighbours(await show(interfaceName, family), interfaceName);
    } catch {
      if (family === 6) return [];
      return parseArpFile(await arpFile()).filter((each) => each.interface === interfaceName);
    }
  },
};

export type Reading = 'here' | 'silent' | 'open' | 'stale';

const DECIDED_MS = 60 * SECOND_MS;
/** The table counts whole seconds. */
const ROUNDING_MS = 1_500;

/**
 * What a line says of an address that was asked `sinceMs` ago: `here` only when it has proven so, because the table shows one that
 * was unplugged as valid for another 50 s; `stale` when the kernel will ask by itself (5 s after the poke, then three times).
 */
export function readingOf(neighbour: Neighbour | undefined, sinceMs: number): Reading {
  if (!neighbour) return 'open';
  const { state, mac, confirmedMs } = neighbour;
  if (state === 'FAILED') return 'silent';
  if (state === 'PERMANENT' || state === 'NOARP') return 'silent';
  if (mac === undefined) return 'open';
  if (state === 'UNKNOWN') return 'stale';
  if (confirmedMs === undefined) return state === 'REACHABLE' ? 'here' : 'stale';
  if (state === 'REACHABLE' && confirmedMs < DECIDED_MS) return 'here';
  return confirmedMs <= sinceMs + ROUNDING_MS ? 'here' : 'stale';
}
