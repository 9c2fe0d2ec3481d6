import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LanInterface } from '../../discovery/interfaces.ts';
import { Link } from '../../discovery/link.ts';
import { type DnsRecord, goodbyeOf, recordsOf } from '../../discovery/records.ts';
import { until } from '../helpers/until.ts';

/** Everything stays on loopback, and on a port of its own. */
const loopback: LanInterface = {
  name: 'lo',
  index: 1,
  address: '127.0.0.1',
  networks: [{ address: '127.0.0.1', netmask: '255.0.0.0' }],
  addresses: ['127.0.0.1'],
};
const advert = { type: 'reeve', instance: 'nas', host: 'h', port: 8443, txt: { id: 'x' } };
const question = [{ name: '_reeve._tcp.local', type: 'PTR' }];

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

function link(port: number, lan = loopback) {
  const heard: DnsRecord[] = [];
  const said: string[] = [];
  const broken: Error[] = [];
  const log = (_detail: object, message: string) => void said.push(message);
  const made = new Link(lan, {
    log: { debug: log, info: log, warn: log },
    onRecords: (records) => heard.push(...records),
    onBroken: (error) => broken.push(error),
    port,
  });
  onTestFinished(() => made.close([]));
  return { link: made, heard, said, broken };
}

describe('a link', () => {
  it('announces, answers questions about its records, and says goodbye', async () => {
    const port = await freeUdpPort();
    const [ours, other] = [link(port), link(port)];
    ours.link.answerWith(recordsOf(advert, ['127.0.0.1']));
    ours.link.announce(recordsOf(advert, ['127.0.0.1']));
    await until(() => other.heard.some(({ type }) => type === 'SRV'));
    other.heard.splice(0);
    other.link.ask(question);
    await until(() => other.heard.some(({ type }) => type === 'A'), { what: 'an answer with all records' });
    expect(new Set(other.heard.map(({ type }) => type))).toEqual(new Set(['PTR', 'SRV', 'TXT', 'A']));
    await ours.link.close(goodbyeOf(advert));
    await until(() => other.heard.some(({ ttl }) => ttl === 0));
    await ours.link.close([]);
    ours.link.announce([]);
  });

  it('is silent about what it does not have, and about what it has taken back', async () => {
    const port = await freeUdpPort();
    const [ours, other] = [link(port), link(port)];
    ours.link.answerWith(recordsOf(advert, []));
    ours.link.answerWith(recordsOf({ ...advert, type: 'other' }, []));
    other.link.ask(question);
    other.link.ask([{ name: '_other._tcp.local', type: 'PTR' }]);
    await until(() => other.heard.length > 0);
    expect(other.heard.every(({ name }) => !name.includes('_reeve.'))).toBe(true);
  });

  it('answers a flood of questions with a bounded number of packets', async () => {
    const port = await freeUdpPort();
    const [ours, other] = [link(port), link(port)];
    ours.link.answerWith(recordsOf(advert, []));
    other.link.ask(question);
    await until(() => other.heard.length > 0);
    other.heard.splice(0);
    for (let i = 0; i < 500; i++) other.link.ask(question);
    await until(() => {
      ours.link.announce([{ name: 'end.local', type: 'A', ttl: 1, data: '10.0.0.1' }]);
      return other.heard.some(({ name }) => name === 'end.local');
    });
    expect(other.heard.filter(({ type }) => type === 'SRV').length).toBeLessThanOrEqual(80);
  });

  it('says once that packets are garbage, and lives', async () => {
    const port = await freeUdpPort();
    const ours = link(port);
    ours.link.ask(question);
    const sender = createSocket('udp4');
    onTestFinished(() => void sender.close());
    const packets = [Buffer.alloc(3), Buffer.alloc(200, 0xc0), Buffer.from('not dns at all, and long enough')];
    await until(async () => {
      for (const packet of packets) sender.send(packet, port, '127.0.0.1');
      return ours.said.length > 0;
    });
    for (let i = 0; i < 20; i++) sender.send(packets[i % 3] ?? '', port, '127.0.0.1');
    ours.link.answerWith(recordsOf(advert, []));
    ours.link.announce(recordsOf(advert, []));
    await until(() => ours.heard.length > 0);
    expect(ours.said).toHaveLength(1);
  });

  it('breaks, once and with the reason, when somebody holds the port for himself', async () => {
    const holder = createSocket({ type: 'udp4', reuseAddr: false }).bind(0);
    onTestFinished(() => void holder.close());
    await once(holder, 'listening');
    const ours = link(holder.address().port);
    ours.link.announce(recordsOf(advert, []));
    await until(() => ours.broken.length > 0);
    ours.link.ask(question);
    expect(ours.broken.map((error) => 'code' in error && error.code)).toEqual(['EADDRINUSE']);
  });

  it('lives when the interface is not there', async () => {
    const port = await freeUdpPort();
    const ours = link(port, { ...loopback, address: '203.0.113.7' });
    ours.link.announce(recordsOf(advert, []));
    await until(() => ours.said.length > 0);
    expect(ours.broken).toEqual([]);
  });
});
