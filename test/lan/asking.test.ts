import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDirectory, removeDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { Avahi, whyNoAvahi } from './harness/avahi.ts';
import { TestLan } from './harness/namespaces.ts';
import { bundled } from './harness/programs.ts';
import { RunningProgram } from './harness/running.ts';

/** What the appliance asks beside sweeps, over a real LAN: host 1 asks, host 2 answers, and on host 3 runs a real avahi. */
let lan: TestLan;
let directory: string;
let asker: RunningProgram;
let answerer: RunningProgram;
let avahi: Avahi | undefined;

beforeAll(async () => {
  lan = new TestLan({ hosts: 3, network: '10.78.9' });
  directory = makeDirectory('reeve-asking-');
  const servers = join(directory, 'resolv.conf');
  writeFileSync(servers, `nameserver ${lan.host(2).address}\n`, { mode: 0o644 });
  answerer = await lan.host(2).run('answerer', { address: lan.host(2).address });
  if (!whyNoAvahi()) avahi = await Avahi.start(lan.host(3));
  const script = `mount --bind ${servers} /etc/resolv.conf && exec ${process.execPath} ${await bundled('asker')}`;
  asker = new RunningProgram(lan.host(1).spawn('unshare', ['-m', 'sh', '-c', script]));
  await answerer.line({ kind: 'ready' });
  await asker.line({ kind: 'ready' });
}, 60_000);

afterAll(() => {
  asker?.kill('SIGKILL');
  answerer?.kill('SIGKILL');
  avahi?.stop();
  lan?.close();
  removeDirectory(directory);
});

async function ask<T>(asked: { what: string } & Record<string, unknown>): Promise<Record<string, T>> {
  const from = asker.lines.length;
  asker.say(JSON.stringify(asked));
  return (await asker.line({ kind: asked.what }, { from })).found as Record<string, T>;
}

interface Named {
  names: Record<string, string>;
  services: string[];
  model?: string;
}

it('a device tells its names by NetBIOS and LLMNR, its product by SSDP, and the name server what it calls it', async () => {
  const [here, nobody] = [lan.host(2).address, '10.78.9.99'];
  const found = await ask<Named>({ what: 'names', ips: [here, nobody] });
  expect(found[here]?.names).toEqual({ netbios: 'NAS', llmnr: 'nas', dns: 'nas.lan' });
  expect(found[here]).toMatchObject({ model: 'IpBridge 1.56.0', services: ['upnp:basic'] });
  expect(found[nobody]).toBeUndefined();
});

it.skipIf(whyNoAvahi())('a real avahi tells its name and its services by mDNS', async () => {
  const { address } = lan.host(3);
  await avahi?.publish('A printer', { type: '_ipp._tcp', port: 631, txt: [] });
  const found = await ask<Named>({ what: 'names', ips: [address] });
  expect(found[address]).toMatchObject({
    names: { mdns: 'foreign.local' },
    services: expect.arrayContaining(['_ipp._tcp']),
  });
});

it('IPv6 addresses stand with the card that has them', async () => {
  const expected = lan.hosts.slice(1).map((host) => {
    const [{ address: mac, addr_info: addresses }] = JSON.parse(host.ip('-6', '-j', 'addr', 'show', 'dev', 'eth0')) as [
      { address?: string; addr_info: { local: string }[] },
    ];
    const card = mac ?? JSON.parse(host.ip('-j', 'link', 'show', 'eth0'))[0].address;
    return [String(card), addresses.map(({ local }) => local)] as const;
  });
  expect(expected.every(([, addresses]) => addresses.length > 0)).toBe(true);
  // An address answers once the kernel has made sure that nobody else has it.
  await until(
    async () => {
      const found = await ask<string[]>({ what: 'ipv6' });
      return expected.every(([mac, addresses]) => addresses.every((each) => found[mac]?.includes(each)));
    },
    { timeoutMs: 20_000, what: `the addresses of ${JSON.stringify(expected)}` },
  );
});

it('the packet that wakes goes to everybody of the subnet, three times', async () => {
  const mac = 'd8:3a:dd:00:00:42';
  await ask({ what: 'wake', mac });
  const packet = 'ff'.repeat(6) + mac.replaceAll(':', '').repeat(16);
  const heard = () => answerer.lines.filter((line) => line.kind === 'woken' && line.packet === packet);
  await until(() => heard().length >= 3, { what: 'three packets' });
  expect(heard()).toHaveLength(3);
});
