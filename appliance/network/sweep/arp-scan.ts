import { execFile } from 'node:child_process';
import { isIPv4 } from 'node:net';
import { SECOND_MS } from '../../spans.ts';
import { isCard } from '../mac.ts';
import type { SweepContext, SweepLink, SweepTarget, Swept } from './result.ts';

const MOST_BYTES = 4 * 1024 * 1024;
/** Where each fifth packet is lost, three questions miss one of 21 devices, four one of 60; a /24 without anybody is then 1,016 frames. */
const RETRIES = 4;
const SLACK_MS = 20 * SECOND_MS;

/** Lines of `arp-scan --plain`: each address with every card that answered for it. */
export function parseArpScan(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [ip = '', mac = ''] = line.trim().toLowerCase().split(/\s+/);
    if (isIPv4(ip) && isCard(mac)) found.set(ip, (found.get(ip) ?? new Set()).add(mac));
  }
  return found;
}

/**
 * A sweep by the program arp-scan: undefined where it is not there or may not send raw packets. It sees at once who is unplugged,
 * and whether two have the same address, which the kernel's own table never shows.
 */
export async function arpScan(target: SweepTarget, link: SweepLink, context: SweepContext): Promise<Swept | undefined> {
  const { cidr, addresses, packetsPerSecond } = target;
  context.progress(0, addresses.length, `Asking ${cidr}`);
  const intervalUs = Math.round(1_000_000 / packetsPerSecond);
  const parameters = ['--plain', '--quiet', `--interface=${link.name}`, `--retry=${RETRIES}`];
  const timeout = (addresses.length * RETRIES * SECOND_MS) / packetsPerSecond + SLACK_MS;
  const written = await output([...parameters, `--interval=${intervalUs}u`, cidr], timeout, context.signal);
  if (written === undefined) return undefined;
  const wanted = new Set(addresses);
  const found = [...parseArpScan(written)].filter(([ip]) => wanted.has(ip));
  const at = context.now();
  context.progress(addresses.length, addresses.length, `Asked ${cidr}`);
  return {
    by: 'arp-scan',
    asked: addresses.length,
    of: addresses.length,
    sightings: found.flatMap(([ip, macs]) => [...macs].map((mac) => ({ ip, mac, at }))),
    doubles: found.flatMap(([ip, macs]) => (macs.size > 1 ? [{ ip, macs: [...macs] }] : [])),
  };
}

/** What it wrote; undefined unless it ended well. Fails when it was aborted. */
function output(parameters: readonly string[], timeout: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile('arp-scan', parameters, { timeout, maxBuffer: MOST_BYTES, signal }, (error, stdout) => {
      if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
      else resolve(error ? undefined : stdout);
    });
  });
}
