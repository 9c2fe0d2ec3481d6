import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LanInterface } from '../../discovery/interfaces.ts';
import { AGENT } from '../../discovery/kinds.ts';
import { Lan } from '../../discovery/lan.ts';
import type { LinkOptions } from '../../discovery/link.ts';
import type { LanLink } from '../../discovery/links.ts';
import type { DnsRecord } from '../../discovery/records.ts';
import { recordsOf } from '../../discovery/records.ts';
import type { AgentRecord } from '../../protocol/presence.ts';

/** A link that sends nothing and remembers what it was asked to send. */
interface FakeLink extends LanLink {
  options: LinkOptions;
  answers: readonly DnsRecord[];
  announced: string[];
  asked: string[];
  closed?: readonly DnsRecord[];
}

const eth0: LanInterface = {
  name: 'eth0',
  index: 2,
  address: '10.0.0.2',
  networks: [{ address: '10.0.0.2', netmask: '255.255.255.0' }],
  addresses: ['10.0.0.2'],
};
const eth1: LanInterface = {
  name: 'eth1',
  index: 3,
  address: '10.1.0.2',
  networks: [{ address: '10.1.0.2', netmask: '255.255.255.0' }],
  addresses: ['10.1.0.2'],
};
const txt: AgentRecord = { id: 'x', host: 'nas', v: '1', state: 'unpaired' };

let interfaces: LanInterface[];
let links: FakeLink[];
let said: string[];
let lan: Lan;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
  interfaces = [eth0];
  links = [];
  said = [];
  const log = (_detail: object, message: string) => void said.push(message);
  lan = new Lan({
    log: { debug: () => undefined, info: log, warn: log },
    interfaces: () => interfaces,
    open: openFake,
  });
});
afterEach(async () => {
  await lan.stop();
  vi.useRealTimers();
});

function openFake(of: LanInterface, options: LinkOptions): FakeLink {
  const link: FakeLink = {
    interface: of,
    options,
    answers: [],
    announced: [],
    asked: [],
    answerWith: (records) => {
      link.answers = records;
    },
    announce: (records) =>
      void link.announced.push(...records.filter(({ type }) => type === 'A').map(({ data }) => String(data))),
    ask: (questions) => void link.asked.push(...questions.map(({ name, type }) => `${type} ${name}`)),
    close: async (goodbyes) => {
      link.closed = goodbyes;
    },
  };
  links.push(link);
  return link;
}

const open = () => links.filter(({ closed }) => !closed);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const advertise = (name = 'nas') => lan.advertise({ service: AGENT, name, port: 4000, txt });
const foreign = (instance: string, record: Record<string, string> = txt) =>
  recordsOf({ type: AGENT.type, instance, host: `h-${instance}`, port: 4000, txt: record }, ['10.0.0.9']);

describe('Lan', () => {
  it('holds nothing while nothing is asked of it', async () => {
    expect(links).toHaveLength(0);
    const advert = advertise();
    const browsing = lan.browse(AGENT);
    expect(open()).toHaveLength(1);
    await advert.stop();
    expect(open()).toHaveLength(1);
    browsing.stop();
    await pass(1);
    expect(open()).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('announces at once and again after a second, on each interface with its own address', async () => {
    interfaces = [eth0, eth1];
    advertise();
    expect(links.map(({ announced }) => announced)).toEqual([['10.0.0.2'], ['10.1.0.2']]);
    await pass(1_500);
    expect(links.map(({ announced }) => announced)).toEqual([
      ['10.0.0.2', '10.0.0.2'],
      ['10.1.0.2', '10.1.0.2'],
    ]);
    await pass(60_000);
    expect(links[0]?.announced).toHaveLength(2);
  });

  it('asks at 0, 1 and 3 s, then every 20 s', async () => {
    const moments: number[] = [];
    lan.browse(AGENT);
    for (let ms = 0; ms <= 44_000; ms += 500) {
      if (links[0]?.asked.splice(0).length) moments.push(ms);
      await pass(500);
    }
    expect(moments).toEqual([0, 1_000, 3_000, 23_000, 43_000]);
  });

  it('opens what appears, closes what goes, and rebuilds what changed', async () => {
    interfaces = [];
    advertise();
    expect(links).toHaveLength(0);
    interfaces = [eth0];
    await pass(2_500);
    expect(links[0]?.announced).toEqual(['10.0.0.2']);
    interfaces = [{ ...eth0, index: 9 }, eth1];
    await pass(2_500);
    expect(open().map((link) => link.interface.index)).toEqual([9, 3]);
    interfaces = [eth1];
    await pass(2_500);
    expect(open().map((link) => link.interface.name)).toEqual(['eth1']);
  });

  it('survives a system that does not let it list interfaces', async () => {
    const forbidden = new Lan({
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
      interfaces: () => {
        throw new Error('not allowed');
      },
      open: openFake,
    });
    forbidden.browse(AGENT);
    await pass(5_000);
    expect(links).toHaveLength(0);
    await forbidden.stop();
  });

  it('tries a socket that breaks again, ever more slowly, and says it once', async () => {
    advertise();
    const moments: number[] = [];
    for (let ms = 0; ms < 120_000; ms += 500) {
      for (const link of open()) {
        moments.push(ms);
        link.closed = [];
        link.options.onBroken(new Error('address in use'));
      }
      await pass(500);
    }
    const waits = moments.slice(1).map((moment, i) => moment - (moments[i] ?? 0));
    expect(waits[0]).toBeLessThanOrEqual(4_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(32_000);
    expect(waits.length).toBeLessThan(10);
    expect(said).toEqual(['mDNS cannot be used on eth0, and is tried again: address in use']);
  });

  it('tells a new record at once, and answers with it', async () => {
    const advert = advertise();
    await pass(5_000);
    advert.update({ ...txt, state: 'paired' });
    expect(links[0]?.announced).toHaveLength(3);
    expect(JSON.stringify(links[0]?.answers.filter(({ type }) => type === 'TXT'))).toContain(
      JSON.stringify(Buffer.from('state=paired')),
    );
    await advert.stop();
    advert.update(txt);
    expect(links[0]?.announced).toHaveLength(3);
  });

  it('withdraws one of two adverts without the other, and says goodbye for the rest at the end', async () => {
    const one = advertise('one');
    const two = advertise('two');
    await one.stop();
    await one.stop();
    expect(links[0]?.answers.filter(({ type }) => type === 'SRV').map(({ name }) => name)).toEqual([
      `${two.instance}._reeve-agent._tcp.local`,
    ]);
    await lan.stop();
    expect(links[0]?.closed?.map(({ type, ttl }) => [type, ttl])).toEqual([
      ['PTR', 0],
      ['SRV', 0],
      ['TXT', 0],
    ]);
  });

  it('tells a listener who comes, changes and goes; a listener that fails hurts nobody', async () => {
    const changes: string[] = [];
    lan.browse(AGENT, () => {
      throw new Error('listener');
    });
    const browsing = lan.browse(
      AGENT,
      ({ kind, sighting }) => void changes.push(`${kind} ${sighting.instance} ${sighting.record.state}`),
    );
    links[0]?.options.onRecords(foreign('a'), '10.0.0.9');
    links[0]?.options.onRecords(foreign('a', { ...txt, state: 'paired' }), '10.0.0.9');
    links[0]?.options.onRecords(foreign('bad', { id: 'x' }), '10.0.0.9');
    expect(browsing.list()).toMatchObject([{ instance: 'a', port: 4000, addresses: ['10.0.0.9'] }]);
    await pass(76_000);
    expect(changes).toEqual(['up a unpaired', 'changed a paired', 'down a paired']);
    expect(said[0]).toContain('listener');
  });

  it('takes a service down whose record becomes odd', () => {
    const changes: string[] = [];
    lan.browse(AGENT, ({ kind }) => void changes.push(kind));
    links[0]?.options.onRecords(foreign('a'), '10.0.0.9');
    links[0]?.options.onRecords(foreign('a', { state: 'nonsense' }), '10.0.0.9');
    expect(changes).toEqual(['up', 'down']);
  });

  it('does not find itself', () => {
    const advert = advertise();
    const browsing = lan.browse(AGENT);
    links[0]?.options.onRecords(foreign(advert.instance), '10.0.0.2');
    expect(browsing.list()).toEqual([]);
  });

  it('counts a packet for the interface that its sender is on, however many sockets hear it', () => {
    interfaces = [eth0, eth1];
    const browsing = lan.browse(AGENT);
    for (const link of links) link.options.onRecords(foreign('a'), '10.0.0.9');
    expect(browsing.list()[0]?.addresses).toEqual(['10.0.0.9']);
    for (const link of links) link.options.onRecords(foreign('stray'), '192.168.9.9');
    expect(browsing.list().map(({ instance }) => instance)).toEqual(['a', 'stray']);
  });

  it('asks for what a packet did not carry, and after a goodbye, but not more than once a second', async () => {
    lan.browse(AGENT);
    await pass(10_000);
    const [listing] = foreign('a');
    const asked = links[0]?.asked ?? [];
    asked.splice(0);
    for (let i = 0; i < 50; i++) {
      links[0]?.options.onRecords(listing ? [listing] : [], '10.0.0.9');
      await pass(20);
    }
    await pass(500);
    expect(asked.filter((question) => question.startsWith('PTR')).length).toBeLessThanOrEqual(2);
    expect(asked).toContain('ANY a._reeve-agent._tcp.local');
  });
});
