// Sweeps the subnet of its host each time a line comes in, and tells what it found and what that cost.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { addressesOf, parseCidr } from '../../../appliance/network/cidr.ts';
import { readOwnLinks } from '../../../appliance/network/own-links.ts';
import { ownMeans, sweep } from '../../../appliance/network/sweep/sweep.ts';

interface Configuration {
  cidr: string;
  /** Use the program arp-scan too. */
  arpScan?: boolean;
}

const { cidr, arpScan = false }: Configuration = JSON.parse(process.argv[2] ?? '{}');
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const means = arpScan ? ownMeans : { ...ownMeans, arpScan: async () => undefined };
let abort = new AbortController();

/** Milliseconds of processor time of this process and of the programs that it has run. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  const stat = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (user + system) / 1_000 + (Number(stat[13]) + Number(stat[14])) * 10;
}

/** Frames that the interface has sent. */
function framesOf(name: string): number {
  const [link] = JSON.parse(execFileSync('ip', ['-s', '-j', 'link', 'show', name], { encoding: 'utf8' }));
  return link.stats64.tx.packets;
}

async function run(known: string[]): Promise<void> {
  const range = parseCidr(cidr);
  const link = readOwnLinks().find((each) => range && each.cidr === cidr) ?? readOwnLinks()[0];
  if (!range || !link) return say({ kind: 'failed', why: 'no link' });
  abort = new AbortController();
  const target = { cidr, addresses: addressesOf(range), packetsPerSecond: 1_000, known: new Set(known) };
  const frames = framesOf(link.name);
  const [startedAt, cpu] = [performance.now(), cpuMs()];
  const progress = (done: number, of: number): void => say({ kind: 'progress', done, of });
  try {
    const swept = await sweep(target, link, { context: { now: Date.now, signal: abort.signal, progress }, means });
    const ms = performance.now() - startedAt;
    const sightings = swept.sightings.map(({ ip, mac, at }) => ({ ip, mac, ageMs: Date.now() - at }));
    say({ kind: 'swept', ...swept, sightings, ms, cpuMs: cpuMs() - cpu, frames: framesOf(link.name) - frames });
  } catch (error) {
    say({ kind: 'failed', why: String(error), isAborted: abort.signal.aborted });
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'cancel') abort.abort();
  else void run(JSON.parse(line));
});
say({ kind: 'ready' });
