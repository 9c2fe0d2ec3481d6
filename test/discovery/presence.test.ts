import { beforeEach, describe, expect, it } from 'vitest';
import { Presence } from '../../discovery/presence.ts';
import { type DnsRecord, goodbyeOf, recordsOf } from '../../discovery/records.ts';

const leaseMs = 75_000;
let presence: Presence;
beforeEach(() => {
  presence = new Presence({ type: 'reeve', leaseMs });
});

const advert = (instance = 'nas', txt: Record<string, string> = { id: 'x' }, port = 8443) => ({
  type: 'reeve',
  instance,
  host: `host-${instance}`,
  port,
  txt,
});
const heard = (now: number, from = '10.0.0.2', link = 'eth0') => ({ now, from, link });
const kinds = (changes: { kind: string; seen: { instance: string } }[]) =>
  changes.map(({ kind, seen }) => `${kind} ${seen.instance}`);
const of = (type: DnsRecord['type'], records: DnsRecord[]) => records.filter((record) => record.type === type);

describe('presence', () => {
  it('begins with the first whole announcement', () => {
    const records = recordsOf(advert(), ['10.0.0.2', 'fd77::2']);
    expect(presence.observe(records, heard(5))).toEqual([
      {
        kind: 'up',
        seen: { instance: 'nas', port: 8443, txt: { id: 'x' }, addresses: ['10.0.0.2', 'fd77::2'], heardAt: 5 },
      },
    ]);
    expect(presence.observe(records, heard(6))).toEqual([]);
    expect(presence.list()).toMatchObject([{ instance: 'nas', heardAt: 6 }]);
  });

  it('begins when the parts come in several packets, and says until then what is missing', () => {
    const records = recordsOf(advert('Printer 1.5'), ['10.0.0.2']);
    const [listing] = records;
    expect(presence.observe(listing ? [listing] : [], heard(1))).toEqual([]);
    expect(presence.incomplete()).toEqual(['Printer 1.5._reeve._tcp.local']);
    expect(presence.observe(of('TXT', records), heard(2))).toEqual([]);
    expect(kinds(presence.observe(of('SRV', records), heard(3)))).toEqual(['up Printer 1.5']);
    expect(presence.incomplete()).toEqual([]);
  });

  it('lasts while it is heard of, and ends by its own lease, whatever time to live the records claim', () => {
    const long = recordsOf(advert(), ['10.0.0.2']).map((record) => ({ ...record, ttl: 28_800 }));
    presence.observe(long, heard(0));
    presence.observe(long, heard(60_000));
    expect(presence.expire(60_000 + leaseMs - 1)).toEqual([]);
    expect(kinds(presence.expire(60_000 + leaseMs))).toEqual(['down nas']);
    expect(presence.list()).toEqual([]);
    expect(kinds(presence.observe(long, heard(200_000)))).toEqual(['up nas']);
  });

  it('ends soon after a goodbye', () => {
    presence.observe(recordsOf(advert(), ['10.0.0.2']), heard(0));
    expect(presence.observe(goodbyeOf(advert()), heard(1_000))).toEqual([]);
    expect(kinds(presence.expire(3_000))).toEqual(['down nas']);
  });

  it('outlives a goodbye that somebody else sent, because its owner answers', () => {
    const records = recordsOf(advert(), ['10.0.0.2']);
    presence.observe(records, heard(0));
    presence.observe(goodbyeOf(advert()), heard(1_000, '10.0.0.66'));
    presence.observe(records, heard(1_100));
    expect(presence.expire(70_000)).toEqual([]);
  });

  it('does not begin with a goodbye', () => {
    expect(presence.observe(goodbyeOf(advert()), heard(0))).toEqual([]);
    expect(presence.incomplete()).toEqual([]);
  });

  it('changes with the record, the port and the address, each once', () => {
    presence.observe(recordsOf(advert(), ['10.0.0.2']), heard(0));
    const steps: [DnsRecord[], string][] = [
      [recordsOf(advert('nas', { id: 'y' }), ['10.0.0.2']), '10.0.0.2'],
      [recordsOf(advert('nas', { id: 'y' }, 9443), ['10.0.0.2']), '10.0.0.2'],
      [recordsOf(advert('nas', { id: 'y' }, 9443), ['10.0.0.3']), '10.0.0.3'],
    ];
    for (const [records, from] of steps) {
      expect(kinds(presence.observe(records, heard(1, from)))).toEqual(['changed nas']);
      expect(presence.observe(records, heard(2, from))).toEqual([]);
    }
    expect(presence.list()[0]).toMatchObject({ port: 9443, addresses: ['10.0.0.3'] });
  });

  it('changes when only the address of its host is announced', () => {
    presence.observe(recordsOf(advert(), ['10.0.0.2']), heard(0));
    const moved: DnsRecord = { name: 'HOST-nas.local', type: 'A', ttl: 120, data: '10.0.0.9' };
    expect(kinds(presence.observe([moved], heard(1, '10.0.0.9')))).toEqual(['changed nas']);
    expect(presence.list()[0]?.addresses[0]).toBe('10.0.0.9');
  });

  it('of a service on two LANs has the addresses of both', () => {
    presence.observe(recordsOf(advert(), ['10.0.0.2']), heard(0, '10.0.0.2', 'eth0'));
    presence.observe(recordsOf(advert(), ['10.1.0.2']), heard(0, '10.1.0.2', 'eth1'));
    expect(presence.list()[0]?.addresses).toEqual(['10.0.0.2', '10.1.0.2']);
  });

  it('tries first the address that the packet came from, when the service names it, and last when it does not', () => {
    presence.observe(recordsOf(advert('one'), ['172.17.0.1', 'fd77::2', '10.0.0.2']), heard(0));
    presence.observe(recordsOf(advert('two'), ['192.168.7.7']), heard(0, '10.0.0.1'));
    expect(presence.list().map(({ addresses }) => addresses)).toEqual([
      ['10.0.0.2', '172.17.0.1', 'fd77::2'],
      ['192.168.7.7', '10.0.0.1'],
    ]);
  });

  it('is not told to connect to itself or to the world', () => {
    presence.observe(
      recordsOf(advert(), ['127.0.0.1', '0.0.0.0', '224.0.0.1', '::1', 'fe80::1', '10.0.0.2']),
      heard(0),
    );
    expect(presence.list()[0]?.addresses).toEqual(['10.0.0.2']);
  });

  it('is case-insensitive in names, and keeps them as they were written', () => {
    const records = recordsOf(advert('NAS'), ['10.0.0.2']);
    presence.observe(
      records.map((record) => ({ ...record, name: record.name.toUpperCase() })),
      heard(0),
    );
    presence.observe(records, heard(1));
    expect(presence.list().map(({ instance }) => instance)).toEqual(['NAS']);
  });

  it('ignores services of other types', () => {
    expect(presence.observe(recordsOf({ ...advert(), type: 'ipp' }, ['10.0.0.2']), heard(0))).toEqual([]);
    expect(presence.list()).toEqual([]);
  });

  it('does not end by odd records, nor take a port of 0', () => {
    const records = recordsOf(advert('odd', { id: 'x' }, 0), ['10.0.0.2']);
    expect(presence.observe(records, heard(0))).toEqual([]);
    const huge: DnsRecord = { name: `${'x'.repeat(64)}._reeve._tcp.local`, type: 'TXT', ttl: 120, data: [] };
    const bare: DnsRecord = { name: '._reeve._tcp.local', type: 'TXT', ttl: 120, data: [] };
    expect(presence.observe([huge, bare], heard(0))).toEqual([]);
    expect(presence.incomplete()).toEqual(['odd._reeve._tcp.local']);
  });

  it('of one liar fills 32 places, and of many 512, and honest ones that are there stay', () => {
    presence.observe(recordsOf(advert('honest'), ['10.0.0.2']), heard(0));
    for (let i = 0; i < 100; i++)
      presence.observe(recordsOf(advert(`fake ${i}`), ['10.0.0.66']), heard(1, '10.0.0.66'));
    expect(presence.list()).toHaveLength(33);
    for (let source = 0; source < 100; source++) {
      for (let i = 0; i < 20; i++) {
        presence.observe(recordsOf(advert(`fake ${source}-${i}`), ['10.0.0.66']), heard(2, `10.0.1.${source}`));
      }
    }
    expect(presence.list()).toHaveLength(512);
    expect(presence.list()[0]?.instance).toBe('honest');
  });
});
