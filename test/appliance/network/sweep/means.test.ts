import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { knock } from '../../../../appliance/network/sweep/knock.ts';
import { poke } from '../../../../appliance/network/sweep/poke.ts';
import type { SweepContext } from '../../../../appliance/network/sweep/result.ts';
import { ownMeans, sweep } from '../../../../appliance/network/sweep/sweep.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const link = { name: 'eth0', address: '10.0.0.1', mac: '00:1a:2b:00:00:01' };
const target = {
  ...{ cidr: '10.0.0.0/29', packetsPerSecond: 250, known: new Set<string>() },
  addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'],
};
const context: SweepContext = { now: () => 1_000, signal: new AbortController().signal, progress: () => undefined };
/** A kernel that knows of nobody, so that whoever goes by its table finds only himself. */
const table = { asked: async () => new Set(target.addresses), read: async () => [] };
const means = { ...ownMeans, table };

afterEach(() => void vi.unstubAllEnvs());

/** Puts a program in the place of arp-scan; answers with where it writes what it was called with. */
function arpScanIs(script: string): string {
  const directory = temporaryDirectory();
  const called = join(directory, 'called');
  writeFileSync(join(directory, 'arp-scan'), `#!/bin/sh\necho "$@" >${called}\n${script}\n`);
  chmodSync(join(directory, 'arp-scan'), 0o755);
  vi.stubEnv('PATH', `${directory}${delimiter}${process.env.PATH}`);
  return called;
}

test('arp-scan is used where it is there, as fast as the subnet allows, and says who has one address with another', async () => {
  const called = arpScanIs(
    'printf "10.0.0.2\\tB8:27:EB:00:00:01\\n10.0.0.2\\tb8:27:eb:00:00:02\\n10.9.9.9\\tb8:27:eb:00:00:03\\n"',
  );
  const swept = await sweep(target, link, { context, means });
  expect(swept).toMatchObject({ by: 'arp-scan', asked: 6, of: 6 });
  expect(swept.sightings.map(({ ip }) => ip)).toEqual(['10.0.0.2', '10.0.0.2', '10.0.0.1']);
  expect(swept.doubles).toEqual([{ ip: '10.0.0.2', macs: ['b8:27:eb:00:00:01', 'b8:27:eb:00:00:02'] }]);
  const said = readFileSync(called, 'utf8');
  for (const part of ['--interface=eth0', '--interval=4000u', '10.0.0.0/29']) expect(said).toContain(part);
});

test('where arp-scan may not send raw packets, or is not there, the table of the kernel is asked', async () => {
  const onLoopback = { ...link, address: '127.0.0.1' };
  arpScanIs('echo "You need to be root" >&2; exit 1');
  expect(await sweep(target, onLoopback, { context, means })).toMatchObject({ by: 'neighbour table' });
  vi.stubEnv('PATH', '/nonexistent');
  expect(await sweep(target, onLoopback, { context, means })).toMatchObject({ by: 'neighbour table' });
});

test('no more packets go out in a second than the subnet allows', async () => {
  const addresses = Array.from({ length: 120 }, (_, n) => `127.0.1.${n + 1}`);
  const { signal } = new AbortController();
  const startedAt = performance.now();
  await poke(addresses, { from: '127.0.0.1', packetsPerSecond: 300, signal });
  // 120 at 300 in a second are 400 ms; the clock of pauses may be a little early.
  expect(performance.now() - startedAt).toBeGreaterThan(380);
});

test('behind a router who takes or refuses a connection is there, and has no MAC', async () => {
  const beyond = { ...target, cidr: '127.0.7.0/30', addresses: ['127.0.7.1', '127.0.7.2'] };
  const swept = await knock(beyond, context);
  expect(swept).toMatchObject({ by: 'TCP', asked: 2, of: 2 });
  expect(swept.sightings.sort((a, b) => (a.ip < b.ip ? -1 : 1))).toEqual([
    { ip: '127.0.7.1', at: 1_000 },
    { ip: '127.0.7.2', at: 1_000 },
  ]);
  expect(await sweep(beyond, undefined, { context, means })).toMatchObject({ by: 'TCP' });
});
