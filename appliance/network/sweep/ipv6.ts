import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SECOND_MS } from '../../spans.ts';
import { isCard } from '../mac.ts';
import { kernelTable, type NeighbourTable } from './neighbours.ts';
import type { SweepLink } from './result.ts';

const TIMEOUT_MS = 6 * SECOND_MS;
const MOST_BYTES = 1024 * 1024;
const MOST = 1_024;
const MOST_OF_CARD = 8;
const SETTLE_MS = 600;
const DISCARD_PORT = 9;

/** Who answered `ping -6 ff02::1`, out of what it wrote. */
export function parsePing(text: string): string[] {
  const found = new Set<string>();
  for (const [, from = ''] of text.matchAll(/bytes from ([0-9a-f:]+)(?:%[\w.-]+)?:/gi))
    if (isIPv6(from)) found.add(from.toLowerCase());
  return [...found].slice(0, MOST);
}

/**
 * IPv6 addresses by the card that has them. A /64 cannot be asked address by address: everybody is asked at once (ff02::1), and whoever
 * answers gets a byte of its own, because answers alone put no MAC into the kernel's table. Empty where `ping` is missing or may not.
 */
export async function askIpv6(
  { name }: Pick<SweepLink, 'name'>,
  { signal, table = kernelTable }: { signal: AbortSignal; table?: NeighbourTable },
): Promise<Map<string, string[]>> {
  const answered = parsePing(await ping(name, signal));
  if (answered.length > 0) {
    await pokeAll(answered, name);
    await pause(SETTLE_MS, undefined, { signal });
  }
  const byCard = new Map<string, string[]>();
  for (const { ip, mac, state } of await table.read(name, 6)) {
    if (mac === undefined || !isCard(mac) || state === 'FAILED') continue;
    const known = byCard.get(mac) ?? [];
    if (known.length < MOST_OF_CARD) byCard.set(mac, [...known, ip]);
  }
  return byCard;
}

function ping(name: string, signal: AbortSignal): Promise<string> {
  const parameters = ['-6', '-n', '-c', '2', '-i', '0.3', '-w', '2', `ff02::1%${name}`];
  return new Promise((resolve) => {
    execFile('ping', parameters, { timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, signal }, (_error, stdout) =>
      resolve(stdout),
    );
  });
}

async function pokeAll(addresses: readonly string[], name: string): Promise<void> {
  const socket = createSocket('udp6');
  socket.on('error', () => undefined);
  const sent = addresses.map((ip) => {
    const to = /^fe[89ab]/.test(ip) ? `${ip}%${name}` : ip;
    return new Promise<void>((resolve) => socket.send(Buffer.alloc(1), DISCARD_PORT, to, () => resolve()));
  });
  await Promise.all(sent);
  socket.close();
}
