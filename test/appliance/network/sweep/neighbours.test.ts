import { describe, expect, test } from 'vitest';
import { parseArpScan } from '../../../../appliance/network/sweep/arp-scan.ts';
import { askIpv6, parsePing } from '../../../../appliance/network/sweep/ipv6.ts';
import { parseArpFile, parseNeighbours, readingOf } from '../../../../appliance/network/sweep/neighbours.ts';
import { BATCH, Plan } from '../../../../appliance/network/sweep/plan.ts';

/** As `ip -s -j neigh` wrote it on Linux 6.18. */
const SAVED = `[{"dst":"192.0.2.1","dev":"eth0","lladdr":"02:fc:00:00:00:05","refcnt":1,"used":18,"confirmed":18,"updated":18,"probes":1,"state":["REACHABLE"]},
{"dst":"192.0.2.9","dev":"eth0","used":679,"confirmed":47107,"updated":251,"probes":6,"state":["FAILED"]},
{"dst":"fe80::1","dev":"eth0","lladdr":"02:FC:00:00:00:06","used":1,"confirmed":2,"updated":3,"probes":4,"state":["STALE"]}]`;

describe('the table of neighbours', () => {
  test('as `ip` writes it', () =>
    expect(parseNeighbours(SAVED)).toEqual([
      { ip: '192.0.2.1', interface: 'eth0', state: 'REACHABLE', mac: '02:fc:00:00:00:05', confirmedMs: 18_000 },
      { ip: '192.0.2.9', interface: 'eth0', state: 'FAILED', confirmedMs: 47_107_000 },
      { ip: 'fe80::1', interface: 'eth0', state: 'STALE', mac: '02:fc:00:00:00:06', confirmedMs: 2_000 },
    ]));

  test('lines that are none are left out, and what is no list is empty', () => {
    expect(parseNeighbours('[{"dst":"x","dev":"e"},{"dst":5},null,7,{"dev":"e"}]')).toEqual([]);
    expect(parseNeighbours('{}')).toEqual([]);
    expect(parseNeighbours('')).toEqual([]);
    expect(() => parseNeighbours('[{"dst"')).toThrow();
  });

  test('as /proc/net/arp has it: an entry that is not complete was asked, and nobody answered', () => {
    const text = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.5         0x1         0x2         B8:27:EB:00:00:01     *        eth0
10.0.0.6         0x1         0x0         00:00:00:00:00:00     *        eth0
garbage
`;
    expect(parseArpFile(text)).toEqual([
      { ip: '10.0.0.5', interface: 'eth0', state: 'UNKNOWN', mac: 'b8:27:eb:00:00:01' },
      { ip: '10.0.0.6', interface: 'eth0', state: 'INCOMPLETE' },
    ]);
  });
});

describe('a line that says somebody is there', () => {
  const line = (state: string, confirmedMs?: number, mac: string | undefined = 'b8:27:eb:00:00:01') => ({
    ...{ ip: '10.0.0.5', interface: 'eth0', state },
    ...(confirmedMs !== undefined && { confirmedMs }),
    ...(mac !== '' && { mac }),
  });

  test('has proven it within the sweep, or is reachable and did so in the last minute', () => {
    expect(readingOf(line('REACHABLE', 40_000), 3_000)).toBe('here');
    expect(readingOf(line('REACHABLE', 70_000), 3_000)).toBe('stale');
    expect(readingOf(line('DELAY', 4_000), 3_000)).toBe('here');
  });

  test('does not by standing in the table: one that was unplugged stays for 50 s', () => {
    expect(readingOf(line('STALE', 400_000), 3_000)).toBe('stale');
    expect(readingOf(line('DELAY', 47_000), 3_000)).toBe('stale');
    expect(readingOf(line('UNKNOWN'), 3_000)).toBe('stale');
  });

  test('does not when nobody answered', () => {
    expect(readingOf(line('FAILED', 1_000), 3_000)).toBe('silent');
    expect(readingOf(line('INCOMPLETE', 1_000, ''), 3_000)).toBe('open');
    expect(readingOf(undefined, 3_000)).toBe('open');
    expect(readingOf(line('PERMANENT', 1), 3_000)).toBe('silent');
  });
});

describe('the plan of a sweep', () => {
  const addresses = Array.from({ length: 300 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);

  test('asks at most 128 at a time, those first that the table knows', () => {
    const plan = new Plan(addresses, new Set(['10.0.1.43']));
    const [first, second, third] = [plan.next(), plan.next(), plan.next()];
    expect(first[0]).toBe('10.0.1.43');
    expect([first.length, second.length, third.length]).toEqual([BATCH, BATCH, 44]);
    expect(plan.next()).toEqual([]);
  });

  test('asks again what never stood in the table, three times, and is complete only when all did', () => {
    const plan = new Plan(['10.0.0.1', '10.0.0.2']);
    for (let n = 0; n < 3; n++) {
      const batch = plan.next();
      expect(batch).toContain('10.0.0.2');
      plan.settle(batch, new Set(['10.0.0.1']));
    }
    expect(plan.next()).toEqual([]);
    expect(plan).toMatchObject({ asked: 1, of: 2, isComplete: false });
    const lucky = new Plan(['10.0.0.1']);
    lucky.settle(lucky.next(), new Set(['10.0.0.1']));
    expect(lucky.isComplete).toBe(true);
  });
});

test('what arp-scan writes: each address with every card that answered, and nothing else', () => {
  const text = `10.0.0.5\tb8:27:eb:00:00:01
10.0.0.6\tB8:27:EB:00:00:02\t(DUP: 2)
10.0.0.6\t02:42:00:00:00:09
10.0.0.7\t00:00:00:00:00:00
Starting arp-scan
999.0.0.1\tb8:27:eb:00:00:03`;
  expect([...parseArpScan(text)].map(([ip, macs]) => [ip, [...macs]])).toEqual([
    ['10.0.0.5', ['b8:27:eb:00:00:01']],
    ['10.0.0.6', ['b8:27:eb:00:00:02', '02:42:00:00:00:09']],
  ]);
});

/** As `ping -6 -n ff02::1%eth0` of iputils wrote it. */
const PING = `PING ff02::1%eth0 (ff02::1%eth0) 56 data bytes
64 bytes from fe80::fc:ff:fe00:5%eth0: icmp_seq=1 ttl=64 time=0.030 ms
64 bytes from FE80::77:ff:fe00:6%eth0: icmp_seq=1 ttl=64 time=0.051 ms (DUP!)
64 bytes from fe80::fc:ff:fe00:5%eth0: icmp_seq=2 ttl=64 time=0.033 ms
64 bytes from 1:2:3%eth0: icmp_seq=2 ttl=64 time=0.033 ms`;

test('who answered a ping to everybody, each once, and nobody who has no address', () => {
  expect(parsePing(PING)).toEqual(['fe80::fc:ff:fe00:5', 'fe80::77:ff:fe00:6']);
  expect(parsePing('ping: ff02::1%eth0: Name or service not known')).toEqual([]);
});

test('IPv6 addresses are told by card; those that failed and lines without a card are not', async () => {
  const line = (ip: string, mac: string, state = 'REACHABLE') => ({
    ip,
    interface: 'none0',
    state,
    ...(mac && { mac }),
  });
  const table = {
    asked: async () => new Set<string>(),
    read: async () => [
      line('fe80::1', 'b8:27:eb:00:00:01'),
      line('fd00::1', 'b8:27:eb:00:00:01', 'STALE'),
      line('fd00::2', 'b8:27:eb:00:00:02', 'FAILED'),
      line('fd00::3', ''),
    ],
  };
  const found = await askIpv6({ name: 'none0' }, { signal: new AbortController().signal, table });
  expect([...found]).toEqual([['b8:27:eb:00:00:01', ['fe80::1', 'fd00::1']]]);
});
