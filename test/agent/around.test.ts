import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../agent/facts.ts';
import { SystemFiles } from '../../agent/files.ts';
import { OwnFacts } from '../../agent/own-facts.ts';
import { macIn, parseArp, parseRoutes, parseRoutes6, readGateways, routeTo } from '../../agent/reading/gateways.ts';
import { parseForward, readGuestMacs } from '../../agent/reading/guests.ts';
import { hostFacts } from '../../protocol/agent-link.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

/** As a kernel 6.18 shows them: a link 192.0.2.0/24, one 10.9.0.0/16 by a second router, and two ways out. */
const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
wlan0	00000000	0102A8C0	0003	0	0	600	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
eth0	0000090A	FE0200C0	0003	0	0	0	0000FFFF	0	0	0
eth0	0000640A	00000000	0200	0	0	0	0000FFFF	0	0	0
`;
const ROUTES6 = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe8000000000000002fcfffffe000005 00000400 00000003 00000000 00000003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000004 00000000 80200001       lo
ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;
const ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:FC:00:00:00:05     *        eth0
192.0.2.254      0x1         0x0         00:00:00:00:00:00     *        eth0
`;

function machine(files: Record<string, string | Buffer>): SystemFiles {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return new SystemFiles(root);
}

const routed = () => machine({ 'proc/net/route': ROUTES, 'proc/net/ipv6_route': ROUTES6, 'proc/net/arp': ARP });

describe('the routers around a host', () => {
  it('are the default ones with their hardware address; none is on the way to an appliance on the same link', () => {
    expect(readGateways(routed(), '192.0.2.9')).toEqual([
      { address: '192.0.2.1', mac: '02:fc:00:00:00:05', isOnTheWay: false },
      { address: 'fe80::2fc:ffff:fe00:5', mac: '00:fc:ff:00:00:05', isOnTheWay: false },
    ]);
  });

  it('are on the way where the appliance is elsewhere: by the longest prefix, then the least metric', () => {
    const onTheWay = (appliance: string) =>
      readGateways(routed(), appliance)
        .filter(({ isOnTheWay }) => isOnTheWay)
        .map(({ address }) => address);
    expect(onTheWay('198.51.100.7')).toEqual(['192.0.2.1']);
    expect(onTheWay('::ffff:198.51.100.7')).toEqual(['192.0.2.1']);
    expect(onTheWay('10.9.4.4')).toEqual(['192.0.2.254']);
    expect(onTheWay('2001:db8::1')).toEqual(['fe80::2fc:ffff:fe00:5']);
    expect(onTheWay('fd00::77')).toEqual([]);
    expect(onTheWay('no address')).toEqual([]);
  });

  it('are not asked where the appliance is this machine itself', () => {
    for (const appliance of ['127.0.0.1', '::1'])
      for (const { isOnTheWay } of readFacts({ files: routed(), appliance }).gateways ?? [])
        expect(isOnTheWay).toBe(false);
  });

  it('are nothing where the tables are missing, cut off or of another kind', () => {
    expect(readGateways(machine({}), '198.51.100.7')).toEqual([]);
    const noise = `${ROUTES.slice(0, 110)}\nx y z\n\u0000\n${'f'.repeat(4_000)}`;
    expect(parseRoutes(noise)).toEqual([]);
    expect(parseRoutes6(`${'g'.repeat(32)} 00\n${ROUTES6.slice(0, 60)}`)).toEqual([]);
    expect(parseArp(`${ARP.slice(0, 120)}\n1 2 3`).size).toBe(0);
    expect(routeTo('192.0.2.5', [])).toBeUndefined();
  });

  it('tell their hardware address by IPv6 only where the address was made of it', () => {
    expect(macIn('fe80::21a:2bff:fe3c:4d5e')).toBe('00:1a:2b:3c:4d:5e');
    expect(macIn('fd00::1')).toBeUndefined();
    expect(macIn('fe80::1c2d:3e4f:5a6b:7c8d')).toBeUndefined();
  });
});

/** One entry of `brforward`, as the kernel lays it out. */
function entry(mac: string, port: number, isLocal = false): Buffer {
  const line = Buffer.alloc(16);
  Buffer.from(mac.replaceAll(':', ''), 'hex').copy(line);
  line[6] = port;
  line[7] = isLocal ? 1 : 0;
  return line;
}

const at = 'sys/class/net';
const link = (name: string, index: number, other = index) => ({
  [`${at}/${name}/ifindex`]: `${index}\n`,
  [`${at}/${name}/iflink`]: `${other}\n`,
});
const port = (bridge: string, name: string, number: number) => ({
  [`${at}/${bridge}/brif/${name}`]: '',
  [`${at}/${name}/brport/port_no`]: `0x${number.toString(16)}\n`,
});

describe('the guests of a host', () => {
  it('are the machines and containers heard in its bridges, not its neighbours on the cable', () => {
    const files = machine({
      ...link('vmbr0', 3),
      ...link('eno1', 2),
      ...link('tap101i0', 7),
      ...link('veth102i0', 8, 2),
      ...link('fwln103i0', 11, 12),
      ...link('veth9', 13, 14),
      ...link('veth10', 14, 13),
      ...port('vmbr0', 'eno1', 1),
      ...port('vmbr0', 'tap101i0', 2),
      ...port('vmbr0', 'veth102i0', 3),
      ...port('vmbr0', 'fwln103i0', 4),
      ...port('vmbr0', 'veth9', 5),
      [`${at}/vmbr0/brforward`]: Buffer.concat([
        entry('00:1a:2b:00:00:01', 1, true),
        entry('00:1a:2b:00:00:02', 1),
        entry('bc:24:11:00:00:65', 2),
        entry('fe:24:11:00:00:65', 2, true),
        entry('bc:24:11:00:00:66', 3),
        entry('bc:24:11:00:00:67', 4),
        entry('bc:24:11:00:00:68', 5),
        entry('01:00:5e:00:00:01', 2),
        Buffer.from('bc2411'),
      ]),
    });
    expect(readGuestMacs(files)).toEqual(['bc:24:11:00:00:65', 'bc:24:11:00:00:66']);
    expect(hostFacts.safeParse(readFacts({ files, appliance: '192.0.2.9' })).error).toBeUndefined();
    expect(readFacts({ files, appliance: '192.0.2.9' }).guestMacs).toHaveLength(2);
    expect(readFacts({ files })).not.toHaveProperty('guestMacs');
  });

  it('are at most 256, whatever a bridge has heard; ports beyond 255 are told apart', () => {
    const many = Array.from({ length: 400 }, (_, n) =>
      entry(`bc:24:11:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`, 1),
    );
    const files = machine({
      ...link('br0', 3),
      ...link('vnet0', 7),
      ...port('br0', 'vnet0', 1),
      [`${at}/br0/brforward`]: Buffer.concat(many),
    });
    expect(readGuestMacs(files)).toHaveLength(256);
    const high = entry('bc:24:11:00:00:01', 1);
    high[12] = 1;
    expect(parseForward(high)).toEqual([{ mac: 'bc:24:11:00:00:01', port: 257 }]);
    expect(readGuestMacs(machine({}))).toEqual([]);
  });
});

describe('facts of a machine', () => {
  it('are told when they change while a connection stays, each change once', async () => {
    const { root } = routed();
    const facts = new OwnFacts({ files: new SystemFiles(root) });
    const first = await facts.first('https://198.51.100.7:8443');
    expect(first.gateways?.[0]).toEqual({ address: '192.0.2.1', mac: '02:fc:00:00:00:05', isOnTheWay: true });
    expect(facts.news()).toBeUndefined();
    writeFileSync(join(root, 'proc/net/arp'), ARP.replace('02:FC:00:00:00:05', '02:fc:00:00:00:06'));
    expect(facts.news()?.gateways?.[0]?.mac).toBe('02:fc:00:00:00:06');
    expect(facts.news()).toBeUndefined();
    expect((await facts.first('https://[::1]:8443')).gateways?.some(({ isOnTheWay }) => isOnTheWay)).toBe(false);
  });
});
