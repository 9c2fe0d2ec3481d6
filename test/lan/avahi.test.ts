import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localNameOf } from '../../appliance/system/local-name.ts';
import { until } from '../helpers/until.ts';
import { Avahi, whyNoAvahi } from './harness/avahi.ts';
import { TestLan } from './harness/namespaces.ts';
import type { RunningProgram } from './harness/running.ts';

const noAvahi = whyNoAvahi() !== undefined;
let lan: TestLan;
let avahi: Avahi;
const running: RunningProgram[] = [];
const txt = { id: '019a0000-0000-7000-8000-000000000001', v: '0.1.0', proto: 1, https: 8443, ca: 'A'.repeat(43) };

beforeAll(async () => {
  if (noAvahi) return;
  lan = new TestLan({ hosts: 3 });
  avahi = await Avahi.start(lan.host(1));
});
afterAll(() => {
  avahi?.stop();
  lan?.close();
});
afterEach(() => {
  for (const program of running.splice(0)) program.kill('SIGKILL');
});

async function start(host: number, configuration: object): Promise<RunningProgram> {
  const program = await lan.host(host).run('peer', configuration);
  running.push(program);
  await program.line({ kind: 'ready' });
  return program;
}

describe.skipIf(noAvahi)('avahi, a foreign client', () => {
  it('sees and resolves the appliance with its whole record', async () => {
    const ours = await start(2, { advertise: [{ type: 'reeve', name: 'Reeve on nas.attic', port: 8443, txt }] });
    const { instance } = await ours.line({ kind: 'advertising' });
    const [found, ...more] = await until(async () => {
      const all = await avahi.browse('_reeve._tcp');
      return all.length > 0 && all;
    });
    expect(more).toEqual([]);
    expect(found).toMatchObject({ name: instance, address: lan.host(2).address, port: 8443 });
    expect(found?.hostName).toMatch(/^reeve-[0-9a-f]{8}\.local$/);
    for (const [key, value] of Object.entries(txt)) expect(found?.txt).toContain(`"${key}=${value}"`);
    await ours.stop();
    running.pop();
    await until(async () => (await avahi.browse('_reeve._tcp')).length === 0, { what: 'avahi has heard the goodbye' });
  });

  it('and our program share one host and its port 5353, both ways', async () => {
    const service = {
      type: '_reeve-agent._tcp',
      port: 4711,
      txt: ['id=foreign', 'host=foreign', 'v=1', 'state=unpaired'],
    };
    const beside = await start(1, { advertise: [{ type: 'reeve', name: 'beside', port: 8443, txt }], browse: 'agent' });
    const apart = await start(3, { browse: 'agent' });
    const publisher = await avahi.publish('Foreign Agent 1.5', service);
    for (const program of [beside, apart]) {
      expect(await program.line({ kind: 'up', name: 'Foreign Agent 1.5' })).toMatchObject({
        port: 4711,
        addresses: [lan.host(1).address],
        record: { id: 'foreign', state: 'unpaired' },
      });
    }
    await until(async () => (await avahi.browse('_reeve._tcp')).some(({ name }) => name.startsWith('beside ')));
    publisher.kill('SIGTERM');
    await apart.line({ kind: 'down', name: 'Foreign Agent 1.5' });
  });

  it('is found by a browser that came after it, dots in its name and all', async () => {
    await avahi.publish('Late Finder 2.0', {
      type: '_reeve-agent._tcp',
      port: 4712,
      txt: ['id=x', 'host=h', 'v=1', 'state=paired'],
    });
    const late = await start(3, { browse: 'agent' });
    expect(await late.line({ kind: 'up', name: 'Late Finder 2.0' })).toMatchObject({ port: 4712 });
  });

  it('gives a second appliance of the same name another one, which both are told rightly', async () => {
    const named = [await Avahi.start(lan.host(2), 'reeve')];
    try {
      named.push(await Avahi.start(lan.host(3), 'reeve'));
      const nameOf = (n: number) =>
        localNameOf({
          hostName: 'reeve',
          own: [lan.host(n + 2).address],
          lookUp: async (name) => [{ address: (await named[n]?.address(name)) ?? '' }].filter(({ address }) => address),
        });
      await until(async () => (await nameOf(1)) === 'reeve-2.local', {
        what: 'the second one is told its name',
        timeoutMs: 20_000,
      });
      expect(await nameOf(0)).toBe('reeve.local');
    } finally {
      for (const each of named) each.stop();
    }
  });

  it('knows the new address soon after the appliance has moved', async () => {
    await start(2, { advertise: [{ type: 'reeve', name: 'moving', port: 8443, txt }] });
    const addressOf = async () =>
      (await avahi.browse('_reeve._tcp')).find(({ name }) => name.startsWith('moving '))?.address;
    await until(async () => (await addressOf()) === lan.host(2).address);
    lan.host(2).ip('addr', 'flush', 'dev', 'eth0');
    lan.host(2).ip('addr', 'add', '10.77.0.98/24', 'brd', '+', 'dev', 'eth0');
    await until(async () => (await addressOf()) === '10.77.0.98', {
      what: 'avahi resolves the new address',
      timeoutMs: 15_000,
    });
  });
});
