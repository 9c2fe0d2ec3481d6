import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TestLan } from './harness/namespaces.ts';
import type { RunningProgram } from './harness/running.ts';

let lan: TestLan;
const running: RunningProgram[] = [];
const closers: (() => void)[] = [];

beforeAll(() => {
  lan = new TestLan({ hosts: 3 });
});
afterAll(() => lan?.close());
afterEach(() => {
  for (const program of running.splice(0)) {
    expect(program.exit, program.errors).toBeUndefined(); // whatever happened, the process is still there
    program.kill('SIGKILL');
  }
  for (const close of closers.splice(0).reverse()) close();
});

const agent = (name: string) => ({
  type: 'reeve-agent',
  name,
  port: 4000,
  txt: { id: 'x', host: 'nas', v: '1.0', state: 'unpaired' },
});

async function start(host: number, configuration: object): Promise<RunningProgram> {
  const program = await lan.host(host).run('peer', configuration);
  running.push(program);
  await program.line({ kind: 'ready' });
  return program;
}

describe('when the network changes', () => {
  it('a service that started without one is visible within 4 s of link-up', async () => {
    const browser = await start(1, { browse: 'agent' });
    lan.host(2).down();
    await start(2, { advertise: [agent('late')] });
    lan.host(2).up();
    const from = Date.now();
    const seen = await browser.line({ kind: 'up', name: 'late' });
    console.log(`visible ${seen.at - from} ms after link-up`);
    expect(seen.at - from).toBeLessThan(4_000);
    expect(seen.addresses).toEqual([lan.host(2).address]);
  });

  it('a browser that started without one sees those who are there within 4 s of link-up', async () => {
    await start(2, { advertise: [agent('early')] });
    lan.host(1).down();
    const browser = await start(1, { browse: 'agent' });
    lan.host(1).up();
    const from = Date.now();
    const seen = await browser.line({ kind: 'up', name: 'early' });
    expect(seen.at - from).toBeLessThan(4_000);
  });

  it('a new address is known within 4 s, and only the new one', async () => {
    const browser = await start(1, { browse: 'agent' });
    await start(2, { advertise: [agent('moving')] });
    await browser.line({ kind: 'up', name: 'moving' });
    const host = lan.host(2);
    host.ip('addr', 'flush', 'dev', 'eth0');
    host.ip('addr', 'add', '10.77.0.99/24', 'brd', '+', 'dev', 'eth0');
    closers.push(() => {
      host.ip('addr', 'flush', 'dev', 'eth0');
      host.up();
    });
    const from = Date.now();
    const changed = await browser.line({ kind: 'changed', name: 'moving', addresses: ['10.77.0.99'] });
    console.log(`new address known after ${changed.at - from} ms`);
    expect(changed.at - from).toBeLessThan(4_000);
    const fresh = await start(3, { browse: 'agent' });
    expect(await fresh.line({ kind: 'up', name: 'moving' })).toMatchObject({ addresses: ['10.77.0.99'] });
  });

  it('an interface that was made anew with the same address works again', async () => {
    const host = lan.host(2);
    await start(2, { advertise: [agent('rebuilt')] });
    host.ip('link', 'del', 'eth0');
    lan.plug(host, 'eth0', 12);
    const from = Date.now();
    const browser = await start(1, { browse: 'agent' });
    const seen = await browser.line({ kind: 'up', name: 'rebuilt' });
    console.log(`visible ${seen.at - from} ms after the interface was made anew`);
    expect(seen.at - from).toBeLessThan(6_000);
  });

  it('a route that is lost and a gateway that never was do not matter', async () => {
    const host = lan.host(2);
    const routed = await start(2, { advertise: [agent('routed')], browse: 'agent' });
    host.ip('route', 'flush', 'table', 'main');
    closers.push(() => {
      host.ip('addr', 'flush', 'dev', 'eth0');
      host.up();
    });
    const browser = await start(1, { browse: 'agent' });
    await start(3, { advertise: [agent('other')] });
    await browser.line({ kind: 'up', name: 'other' });
    await routed.line({ kind: 'up', name: 'other' });
  });
});

describe('on a host with two LANs', () => {
  it('each LAN sees the service, at the address that it can reach and at no other', async () => {
    const other = new TestLan({ hosts: 1, network: '10.78.0' });
    closers.push(() => other.close());
    const host = lan.host(2);
    other.attach(host, 'eth1', 50);
    host.ip('link', 'add', 'docker0', 'type', 'bridge');
    host.ip('addr', 'add', '172.17.0.1/16', 'dev', 'docker0');
    host.ip('link', 'set', 'docker0', 'up');
    closers.push(() => {
      host.ip('link', 'del', 'docker0');
      host.ip('link', 'del', 'eth1');
    });
    await start(2, { advertise: [agent('gateway')], browse: 'agent' });
    const here = await start(1, { browse: 'agent', advertise: [agent('here')] });
    const there = await other.host(1).run('peer', { browse: 'agent', advertise: [agent('there')] });
    running.push(there);
    expect(await here.line({ kind: 'up', name: 'gateway' })).toMatchObject({ addresses: [host.address] });
    expect(await there.line({ kind: 'up', name: 'gateway' })).toMatchObject({ addresses: ['10.78.0.50'] });
    const both = running[0];
    expect(await both?.line({ kind: 'up', name: 'here' })).toMatchObject({ addresses: [lan.host(1).address] });
    expect(await both?.line({ kind: 'up', name: 'there' })).toMatchObject({ addresses: ['10.78.0.11'] });
  });
});

describe('when the host forbids', () => {
  it('a firewall that refuses to send is survived, said once, and over when it is gone', async () => {
    const host = lan.host(2);
    await host.firewall('table inet t { chain o { type filter hook output priority 0; udp dport 5353 drop; }; }');
    const blocked = await start(2, { advertise: [agent('blocked')], browse: 'agent', timing: { queryMs: 500 } });
    await blocked.line({ kind: 'log', code: 'EPERM' });
    const browser = await start(1, { browse: 'agent', timing: { queryMs: 500 } });
    await host.firewall('delete table inet t');
    await browser.line({ kind: 'up', name: 'blocked' });
    expect(blocked.lines.filter(({ code }) => code === 'EPERM')).toHaveLength(1);
  });

  it('a port that somebody else holds for himself is waited for', async () => {
    const holder = await lan.host(2).run('holder', { port: 5353 });
    await holder.line({ kind: 'ready' });
    const waiting = await start(2, { advertise: [agent('waiting')], browse: 'agent' });
    await waiting.line({ kind: 'log', level: 'warn' });
    const browser = await start(1, { browse: 'agent' });
    holder.kill('SIGKILL');
    const from = Date.now();
    const seen = await browser.line({ kind: 'up', name: 'waiting' });
    console.log(`visible ${seen.at - from} ms after the port was free`);
    expect(waiting.lines.filter(({ kind, level }) => kind === 'log' && level === 'warn')).toHaveLength(1);
  });
});

describe('when others are hostile', () => {
  it('garbage, floods and lies neither end the process nor hide honest services', async () => {
    const browser = await start(1, { browse: 'agent', advertise: [agent('target')], timing: { queryMs: 1_000 } });
    const attacker = await lan.host(3).run('attacker', { seconds: 3 });
    await attacker.line({ kind: 'done' });
    await start(2, { advertise: [agent('honest')] });
    const seen = await browser.line({ kind: 'up', name: 'honest' });
    expect(seen.addresses).toEqual([lan.host(2).address]);
    browser.say('cpu');
    const usage = await browser.line({ kind: 'cpu' });
    expect(Number(usage.rss)).toBeLessThan(200e6);
    expect(browser.lines.filter(({ kind }) => kind === 'up').length).toBeLessThanOrEqual(40);
    console.log(
      `survived ${(await attacker.line({ kind: 'done' })).sent} hostile packets, ${Math.round(Number(usage.rss) / 1e6)} MB`,
    );
  });
});
