import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressesOf, readFacts } from '../../agent/facts.ts';
import { SystemFiles } from '../../agent/files.ts';
import { newStream, startOf } from '../../agent/stream.ts';
import { hostFacts } from '../../protocol/agent-link.ts';
import { streamId } from '../../protocol/identity.ts';
import { copyMachine, MACHINES } from '../helpers/machine.ts';

const factsOf = (machine: string) => readFacts({ files: new SystemFiles(join(MACHINES, machine)) });

describe('facts of a host', () => {
  it('are what the protocol wants, on this machine and on saved ones', () => {
    for (const facts of [readFacts(), factsOf('pi4'), factsOf('server64'), factsOf('container')])
      expect(hostFacts.safeParse(facts).error).toBeUndefined();
  });

  it('name a board by its own name', () => {
    expect(factsOf('pi4')).toMatchObject({
      cpuModel: 'Raspberry Pi 4 Model B Rev 1.4',
      os: 'Debian GNU/Linux 12 (bookworm)',
      bootAt: 1_790_000_000_000,
    });
  });

  it('do not tell the machine id itself, as machine-id(5) asks', () => {
    const { root, write } = copyMachine('pi4');
    const id = '0123456789abcdef0123456789abcdef';
    write('etc/machine-id', `${id}\n`);
    const told = readFacts({ files: new SystemFiles(root) }).machineId;
    expect(told).toMatch(/^[0-9a-f]{32}$/);
    expect(told).not.toBe(id);
    expect(readFacts({ machineId: 'given' }).machineId).toBe('given');
    write('etc/machine-id', 'uninitialized\n');
    expect(readFacts({ files: new SystemFiles(root) })).not.toHaveProperty('machineId');
  });

  it('have the addresses that others can use, without loopback, containers and link-local ones', () => {
    const one = (address: string, mac: string, internal = false) => ({
      address,
      mac,
      internal,
      netmask: '',
      cidr: null,
      family: 'IPv4' as const,
    });
    expect(
      addressesOf({
        lo: [one('127.0.0.1', '00:00:00:00:00:00', true)],
        eth0: [one('192.0.2.5', '02:AA:00:00:00:01'), one('fe80::1', '02:aa:00:00:00:01')],
        docker0: [one('172.17.0.1', '02:42:00:00:00:01')],
        wg0: [one('10.9.0.2', '00:00:00:00:00:00')],
      }),
    ).toEqual({ addresses: ['192.0.2.5', '10.9.0.2'], macs: ['02:aa:00:00:00:01'] });
  });
});

describe('a stream', () => {
  it('has a name that the protocol takes, another one for each agent and each run', () => {
    const names = [newStream(), newStream(), newStream(() => '')];
    for (const name of names) expect(streamId.safeParse(name).success).toBe(true);
    expect(new Set(names).size).toBe(3);
  });

  it('reads the start of a process whose name has blanks and brackets', () => {
    const rest = Array.from({ length: 40 }, (_, i) => String(i + 3)).join(' ');
    expect(startOf(`42 (a (b) c) ${rest}`)).toBe('22');
    expect(startOf('')).toBeUndefined();
  });
});
