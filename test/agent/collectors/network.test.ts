import { describe, expect, it } from 'vitest';
import { network, parseNetDev } from '../../../agent/collectors/network.ts';
import { copyMachine, machineFile, sampled } from '../../helpers/machine.ts';

const interfacesIn = (values: Record<string, unknown>) =>
  [...new Set(Object.keys(values).flatMap((key) => /network\.interface\.name="([^"]+)"/.exec(key)?.[1] ?? []))].sort();

describe('the network', () => {
  it('is read from saved files', () => {
    expect(parseNetDev(machineFile('pi4', 'proc/net/dev'))[1]).toEqual({
      name: 'eth0',
      receivedBytes: 4012233101,
      receiveErrors: 0,
      receiveDrops: 1203,
      sentBytes: 901223310,
      sendErrors: 0,
      sendDrops: 0,
    });
    expect(parseNetDev('Inter-|\n face |bytes\n')).toEqual([]);
  });

  it('is understood where no blank follows the colon, and where an alias has one in its name', () => {
    expect(parseNetDev('  eth0:4012233101 8 0 0 0 0 0 0 9 9 9 9 9 9 9 9\n')[0]).toMatchObject({
      receivedBytes: 4012233101,
    });
    expect(parseNetDev(' eth0:1: 5 8 0 0 0 0 0 0 9 9 9 9 9 9 9 9\n')[0]).toMatchObject({
      name: 'eth0:1',
      receivedBytes: 5,
    });
  });

  it('says rates per interface, and link state and speed as far as they are known', async () => {
    const { root, change } = copyMachine('pi4');
    const { at } = sampled([network], { root });
    const first = await at(0);
    expect(first['system.network.link.up{network.interface.name="eth0"}']).toBe(1);
    expect(first['system.network.link.up{network.interface.name="wlan0"}']).toBe(0);
    expect(first['system.network.link.speed{network.interface.name="eth0"}']).toBe(1e9);
    expect(first).not.toHaveProperty('system.network.link.speed{network.interface.name="wlan0"}');
    change('proc/net/dev', 'eth0: 4012233101', 'eth0: 4012238101');
    change('proc/net/dev', '1203', '1213');
    const now = await at(5000);
    const of = (name: string, direction: string) =>
      now[`${name}{network.interface.name="eth0",network.io.direction="${direction}"}`];
    expect(of('system.network.io.rate', 'receive')).toBe(1000);
    expect(of('system.network.io.rate', 'transmit')).toBe(0);
    expect(of('system.network.packet.dropped.rate', 'receive')).toBe(2);
    expect(now['system.network.receive.rate']).toBe(1000);
  });

  it('leaves loopback and what containers bring along out, unless asked', async () => {
    const root = copyMachine('server64').root;
    expect(interfacesIn(await sampled([network], { root }).at(0))).toEqual(['bond0', 'bond0.40', 'eno1', 'eno2']);
    const asked = sampled([network], { root, settings: { network: { skip: ['eno*'] } } });
    await asked.at(0);
    expect(interfacesIn(await asked.at(1000)).length).toBe(85);
  });

  it('adds up devices only: a bond and its VLAN carry the same bytes once more', async () => {
    const { root, change } = copyMachine('server64');
    const { at } = sampled([network], { root });
    await at(0);
    for (const name of ['eno1', 'eno2', 'bond0', 'bond0.40'])
      change('proc/net/dev', new RegExp(`${name.replace('.', '\\.')}: (\\d+)`), ` ${name}: 9000000000000`);
    await at(1000);
    for (const name of ['eno1', 'eno2', 'bond0', 'bond0.40'])
      change('proc/net/dev', ` ${name}: 9000000000000`, ` ${name}: 9000000000100`);
    expect((await at(2000))['system.network.receive.rate']).toBe(200);
  });

  it('adds up all interfaces inside a container, where none has a device', async () => {
    const { root, change } = copyMachine('container');
    const { at } = sampled([network], { root });
    await at(0);
    change('proc/net/dev', '1876331', '1877331');
    const now = await at(1000);
    expect(now['system.network.receive.rate']).toBe(1000);
    expect(interfacesIn(now)).toEqual(['eth0']);
  });

  it('makes no spike of an interface that was reset or came back', async () => {
    const { root, change } = copyMachine('pi4');
    const { at } = sampled([network], { root });
    await at(0);
    change('proc/net/dev', 'eth0: 4012233101', 'eth0: 12');
    const now = await at(5000);
    expect(now).not.toHaveProperty(
      'system.network.io.rate{network.interface.name="eth0",network.io.direction="receive"}',
    );
    expect(now['system.network.receive.rate']).toBe(0);
  });
});
