import { describe, expect, it } from 'vitest';
import { readQuestions, readRecords } from '../../discovery/packets.ts';
import { type Advert, cutBytes, goodbyeOf, instanceLabel, readTxt, recordsOf } from '../../discovery/records.ts';

const advert: Advert = {
  type: 'reeve',
  instance: 'nas 1a2b3c4d',
  host: 'reeve-1a2b3c4d',
  port: 8443,
  txt: { id: 'x', https: 8443 },
};
const texts = (items: readonly Uint8Array[]) => items.map((item) => Buffer.from(item).toString());

describe('our records', () => {
  it('say where and what, and only the addresses of the LAN they go to', () => {
    const records = recordsOf(advert, ['10.0.0.2', 'fd77::2']);
    expect(records.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'PTR _reeve._tcp.local',
      'SRV nas 1a2b3c4d._reeve._tcp.local',
      'TXT nas 1a2b3c4d._reeve._tcp.local',
      'PTR _services._dns-sd._udp.local',
      'A reeve-1a2b3c4d.local',
      'AAAA reeve-1a2b3c4d.local',
    ]);
    const txt = records.find((record) => record.type === 'TXT');
    expect(texts(txt?.type === 'TXT' ? txt.data : [])).toEqual(['id=x', 'https=8443']);
    expect(records.every(({ ttl }) => ttl === 120)).toBe(true);
  });

  it('let others forget what is unique to us, and only that', () => {
    const flushed = recordsOf(advert, ['10.0.0.2']).filter(({ flush }) => flush);
    expect(flushed.map(({ type }) => type)).toEqual(['SRV', 'TXT', 'A']);
  });

  it('of a goodbye do not take down the type or the host for others', () => {
    expect(goodbyeOf(advert).map(({ type, ttl }) => [type, ttl])).toEqual([
      ['PTR', 0],
      ['SRV', 0],
      ['TXT', 0],
    ]);
  });

  it('cut a value that does not fit, between characters', () => {
    const [, , txt] = recordsOf({ ...advert, txt: { host: 'ä'.repeat(300) } }, []);
    const [item = ''] = texts(txt?.type === 'TXT' ? txt.data : []);
    expect(Buffer.byteLength(item)).toBeLessThanOrEqual(255);
    expect(item).toMatch(/^host=ä+$/);
  });

  it.each([
    ['nas', 'nas 1a2b3c4d'],
    ['nas.attic.lan', 'nas-attic-lan 1a2b3c4d'],
    ['', '1a2b3c4d'],
    ['x\u0000\u001b[2J', 'x[2J 1a2b3c4d'],
    ['😀'.repeat(40), `${'😀'.repeat(13)} 1a2b3c4d`],
  ])('have a label that fits: %j', (name, label) => {
    expect(instanceLabel(name, '1a2b3c4d')).toBe(label);
    expect(Buffer.byteLength(label)).toBeLessThanOrEqual(63);
  });

  it('are cut to whole characters', () => {
    expect([cutBytes('aäb', 2), cutBytes('aäb', 3), cutBytes('', 3)]).toEqual(['a', 'aä', '']);
  });
});

describe('records of others', () => {
  it('are taken as values, the first of equal keys, __proto__ like any other', () => {
    const items = ['a=1', 'a=2', 'empty=', 'flag', '=x', '__proto__=evil', 'b=x=y'].map((text) => Buffer.from(text));
    const read = readTxt(items) ?? {};
    expect(Object.entries(read)).toEqual([
      ['a', '1'],
      ['empty', ''],
      ['__proto__', 'evil'],
      ['b', 'x=y'],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it('larger than any honest one are not taken', () => {
    expect(readTxt(Array.from({ length: 33 }, () => Buffer.from('a=1')))).toBeUndefined();
    expect(readTxt(Array.from({ length: 6 }, () => Buffer.alloc(255, 97)))).toBeUndefined();
  });

  it.each([undefined, null, 'x', 7, [], {}, { answers: 'x' }, { answers: [null, 1, 'x', {}, { name: 'a' }] }])(
    'in a packet that is none are none: %j',
    (packet) => {
      expect(readRecords(packet)).toEqual([]);
      expect(readQuestions(packet, () => true)).toEqual([]);
    },
  );

  it('with data of the wrong form are left out', () => {
    const head = { name: 'n', ttl: 1 };
    const answers = [
      { ...head, type: 'SRV', data: null },
      { ...head, type: 'SRV', data: { port: '1', target: 'h' } },
      { ...head, type: 'A', data: 5 },
      { ...head, type: 'OPT', data: 'x' },
      { ...head, type: 'TXT', data: [1, Buffer.from('a=1')] },
      { ...head, type: 'A', data: '10.0.0.1' },
    ];
    expect(readRecords({ answers }).map(({ type }) => type)).toEqual(['TXT', 'A']);
  });

  it('beyond 256 in a packet are not looked at', () => {
    const answers = Array.from({ length: 300 }, () => ({ name: 'n', ttl: 1, type: 'A', data: '10.0.0.1' }));
    expect(readRecords({ answers, additionals: answers })).toHaveLength(256);
  });

  it('asked for many times in one packet are answered once', () => {
    const questions = [
      ...Array.from({ length: 20 }, () => ({ name: '_Reeve._tcp.local', type: 'PTR' })),
      { name: '_other._tcp.local', type: 'PTR' },
      { name: 5, type: 'PTR' },
      null,
    ];
    const concerns = (name: string) => name === '_reeve._tcp.local';
    expect(readQuestions({ questions }, concerns)).toEqual([{ name: '_Reeve._tcp.local', type: 'PTR' }]);
  });
});
