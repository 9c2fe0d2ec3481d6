import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressOfReverse,
  DNS_TYPE,
  dnsQuestion,
  parseDns,
  reverseName,
} from '../../../../appliance/network/names/dns-message.ts';
import { readLlmnr } from '../../../../appliance/network/names/llmnr.ts';
import { readMdns } from '../../../../appliance/network/names/mdns.ts';
import { cleanText } from '../../../../appliance/network/names/name-probe.ts';
import { netbiosQuestion, readNetbios } from '../../../../appliance/network/names/netbios.ts';
import { readSsdp } from '../../../../appliance/network/names/ssdp.ts';

const label = (text: string): Buffer => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
const name = (text: string): Buffer => Buffer.concat([...text.split('.').map(label), Buffer.from([0])]);

function record(about: Buffer, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([about, head, data]);
}

function answer(records: readonly Buffer[], { count = records.length, flags = 0x8400 } = {}): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(count, 6);
  return Buffer.concat([head, ...records]);
}

const reverse = (ip: string, target: string): Buffer => record(name(reverseName(ip)), DNS_TYPE.PTR, name(target));
const service = (kind: string): Buffer => record(name('_services._dns-sd._udp.local'), DNS_TYPE.PTR, name(kind));

describe('mDNS', () => {
  test('a name and services are what the sender says of itself', () => {
    const packet = answer([reverse('10.0.0.5', 'nas.local'), service('_http._tcp.local'), service('_smb._tcp.local')]);
    expect(readMdns(packet, '10.0.0.5')).toEqual({ name: 'nas.local', services: ['_http._tcp', '_smb._tcp'] });
  });

  test('what it says of another address is not taken', () =>
    expect(readMdns(answer([reverse('10.0.0.6', 'router.local')]), '10.0.0.5')).toEqual({}));

  test('a service that is no service name is not taken', () =>
    expect(readMdns(answer([service('<script>.local'), service('_http._tcp.example')]), '10.0.0.5')).toEqual({}));

  test('a question is no answer', () => expect(readMdns(dnsQuestion('nas.local'), '10.0.0.5')).toEqual({}));

  test('control characters and marks of direction are taken out of a name', () =>
    expect(readMdns(answer([reverse('10.0.0.5', 'na\u001b[31ms\u202e')]), '10.0.0.5').name).toBe('na[31ms'));

  test('compressed names are read', () => {
    const first = reverse('10.0.0.5', 'nas.local');
    const at = 12 + first.length;
    const pointer = Buffer.from([0xc0, 12]);
    const second = record(pointer, DNS_TYPE.PTR, Buffer.concat([label('second'), Buffer.from([0xc0, at - 7])]));
    expect(parseDns(answer([first, second]))[1]).toMatchObject({
      name: reverseName('10.0.0.5'),
      target: 'second.local',
    });
  });
});

describe('a hostile DNS message', () => {
  test('whose name points at itself ends', () => {
    const loop = record(Buffer.from([0xc0, 12]), DNS_TYPE.PTR, Buffer.from([0xc0, 12]));
    expect(() => parseDns(answer([loop]))).toThrow(/no end/);
  });

  test('that is cut off anywhere is refused', () => {
    const packet = answer([reverse('10.0.0.5', 'nas.local')]);
    expect(parseDns(packet)).toHaveLength(1);
    for (let length = 13; length < packet.length; length++)
      expect(() => parseDns(packet.subarray(0, length)), String(length)).toThrow(RangeError);
  });

  test('that claims 65,535 records in a few bytes costs nothing', () =>
    expect(parseDns(answer([], { count: 65_535 }))).toEqual([]));

  test('with a name over 255 bytes is refused', () => {
    const long = name(Array.from({ length: 6 }, () => 'x'.repeat(60)).join('.'));
    expect(() => parseDns(answer([record(long, DNS_TYPE.PTR, name('a'))]))).toThrow(/no name/);
  });

  test.each([
    ['mDNS', (packet: Buffer) => readMdns(packet, '10.0.0.5')],
    ['LLMNR', (packet: Buffer) => readLlmnr(packet, '10.0.0.5')],
    ['NetBIOS', (packet: Buffer) => readNetbios(packet)],
    ['SSDP', (packet: Buffer) => readSsdp(packet)],
  ])('of any bytes: %s answers or throws RangeError, and never anything else', (_what, read) => {
    const honest = answer([reverse('10.0.0.5', 'nas.local'), service('_http._tcp.local')]);
    const mangled = fc.tuple(fc.nat(honest.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(honest);
      copy[at] = byte;
      return copy;
    });
    const bytes = fc.uint8Array({ maxLength: 600 }).map((all) => Buffer.from(all));
    fc.assert(
      fc.property(fc.oneof(bytes, mangled), (packet) => {
        try {
          read(packet);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('LLMNR', () => {
  test('the name of the sender', () =>
    expect(readLlmnr(answer([reverse('10.0.0.5', 'WORKSTATION')], { flags: 0x8000 }), '10.0.0.5')).toBe('WORKSTATION'));
  test('not that of another', () => expect(readLlmnr(answer([reverse('10.0.0.6', 'x')]), '10.0.0.5')).toBeUndefined());
  test('none where there is none', () =>
    expect(readLlmnr(answer([service('_a._tcp.local')]), '10.0.0.5')).toBeUndefined());
});

describe('NetBIOS', () => {
  const entry = (text: string, kind: number, flags: number): Buffer =>
    Buffer.concat([Buffer.from(text.padEnd(15), 'latin1'), Buffer.from([kind, flags >> 8, flags & 255])]);
  const status = (entries: readonly Buffer[], count = entries.length): Buffer => {
    const question = netbiosQuestion(1);
    const tail = Buffer.alloc(6);
    return Buffer.concat([question.subarray(0, 50), tail, Buffer.from([count]), ...entries]);
  };

  test('the first name of a machine, not that of its group', () =>
    expect(
      readNetbios(status([entry('WORKGROUP', 0, 0x8400), entry('DISKSTATION', 0, 0x0400), entry('X', 0x20, 0x0400)])),
    ).toBe('DISKSTATION'));
  test('none where the packet is cut off or has more names than it says', () => {
    expect(readNetbios(status([], 255))).toBeUndefined();
    expect(readNetbios(status([entry('NAS', 0, 0x0400)]).subarray(0, 70))).toBeUndefined();
    expect(readNetbios(Buffer.from('hello'))).toBeUndefined();
  });
});

describe('SSDP', () => {
  const say = (...lines: string[]) => readSsdp(Buffer.from(['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n')));

  test('the kind of the device, and the product without the words about its system', () => {
    const found = say(
      'CACHE-CONTROL: max-age=100',
      'LOCATION: http://10.0.0.5:80/description.xml',
      'SERVER: Linux/3.14.0 UPnP/1.0 IpBridge/1.56.0',
      'ST: urn:schemas-upnp-org:device:Basic:1',
    );
    expect(found).toEqual({ services: ['upnp:Basic'], model: 'IpBridge 1.56.0' });
  });

  test('nothing of what is no answer, and nothing odd', () => {
    expect(readSsdp(Buffer.from('NOTIFY * HTTP/1.1\r\nSERVER: a/1\r\n\r\n'))).toEqual({});
    expect(say('ST: urn:x:device:<b>:1', 'SERVER: \u001b[2J')).toEqual({});
    expect(say(`SERVER: ${'x'.repeat(60_000)}/1`)).toEqual({});
  });
});

test('a reverse name and back', () => {
  expect(addressOfReverse(reverseName('10.1.2.3'))).toBe('10.1.2.3');
  expect(addressOfReverse('3.2.1.in-addr.arpa')).toBeUndefined();
});

test('a text of the LAN is cut and cleaned; nothing that is left is nothing', () => {
  expect(cleanText('  a\u0000b\u2028c  ')).toBe('abc');
  expect(cleanText('\u200e\u0007')).toBeUndefined();
  expect(cleanText('x'.repeat(1_000_000))).toHaveLength(120);
});
