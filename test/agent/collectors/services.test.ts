import { describe, expect, it } from 'vitest';
import { services } from '../../../agent/collectors/services.ts';
import { Wishes } from '../../../agent/expected.ts';
import type { Run } from '../../../agent/programs.ts';
import { parseShow, parseUnits } from '../../../agent/reading/systemd.ts';
import { copyMachine, machineFile, recorded, sampled } from '../../helpers/machine.ts';

// Outputs are hand-made as systemd 252 (Debian 12) prints them, and OpenRC's files after librc.c.

const expected = (...names: string[]) => names.map((name) => ({ name, isCritical: name === 'nginx' }));

/** The collector on a saved machine whose page in the dashboard names these services. */
function watching(machine: string, ...names: string[]) {
  const copy = copyMachine(machine);
  const asked: string[] = [];
  const wishes = new Wishes();
  wishes.expect(expected(...names));
  const run: ReturnType<typeof recorded> = (program) => {
    asked.push(program.args[0] ?? '');
    return recorded(machine)(program);
  };
  const { sampler, at } = sampled([services], { root: copy.root, run, wishes });
  return {
    ...copy,
    sampler,
    wishes,
    asked,
    async at(mono: number) {
      await sampler.sampleSlow({ at: 0, mono }, 1000);
      return at(mono);
    },
  };
}

const ALL = ['nginx', 'smbd', 'postgresql@15-main', 'cam-recorder', 'nosuch'];

describe('services of systemd', () => {
  it('run, are stopped, have failed or are started again and again, and are known to be critical', async () => {
    const { at, sampler } = watching('nas', ...ALL);
    const now = await at(0);
    const states = ['up', 'failed'].map((what) =>
      Object.entries(now).flatMap(([key, value]) => (key.startsWith(`system.service.${what}{`) ? [value] : [])),
    );
    expect(states).toEqual([
      [1, 0, 0, 0, 0],
      [0, 0, 1, 1, 0],
    ]);
    expect(now).toMatchObject({
      'system.service.up{service.critical="yes",service.name="nginx"}': 1,
      'system.service.up{service.critical="no",service.name="smbd"}': 0,
      'system.service.pid{service.name="nginx"}': 812,
      'system.service.memory.usage{service.name="nginx"}': 8704000,
    });
    expect(sampler.states[0]?.missed).toEqual(['nosuch: there is no such service']);
  });

  it('are asked for by a program only when the kernel says that something changed, or rarely', async () => {
    const copy = copyMachine('nas');
    const wishes = new Wishes();
    wishes.expect(expected('nginx'));
    const [nginx = ''] = machineFile('nas', `programs/${SHOW(ALL)}`).split('\n\n');
    let shows = 0;
    const run: Run = async ({ args }) => {
      if (args[0] === 'show') shows++;
      return { output: args[0] === 'show' ? nginx : '', errors: '', code: 0 };
    };
    const { sampler, at } = sampled([services], { root: copy.root, run, wishes });
    const read = async (mono: number) => {
      await sampler.sampleSlow({ at: 0, mono }, 1000);
      return at(mono);
    };
    await read(0);
    copy.write('sys/fs/cgroup/system.slice/nginx.service/cpu.stat', 'usage_usec 8720000\n');
    const now = await read(15_000);
    expect(shows).toBe(1);
    expect(now['system.service.cpu.utilization{service.name="nginx"}']).toBe(0.5);
    expect(now['system.service.memory.usage{service.name="nginx"}']).toBe(8912896);
    copy.write('sys/fs/cgroup/system.slice/nginx.service/cgroup.procs', '990\n');
    await read(30_000);
    expect(shows).toBe(2);
    await read(60_000);
    expect(shows).toBe(2);
    await read(330_000);
    expect(shows).toBe(3);
    wishes.expect(expected('nginx', 'smbd'));
    await read(345_000);
    expect(shows).toBe(4);
  });

  it('that are found are told, without those that are not installed', async () => {
    const { at, wishes } = watching('nas', ...ALL);
    let told = 0;
    wishes.onFound(() => told++);
    await at(0);
    await at(15_000);
    expect(told).toBe(1);
    expect(wishes.found.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'apt-daily stopped',
      'cam-recorder failed',
      'networkoptix-mediaserver running',
      'nginx running',
      'postgresql@15-main failed',
      'systemd-modules-load running',
    ]);
  });

  it('are read from texts cut short or odd without an error', () => {
    const text = machineFile('nas', `programs/${SHOW(ALL)}`);
    for (let end = 0; end < text.length; end += 13) expect(() => parseShow(text.slice(0, end))).not.toThrow();
    expect(parseShow('Id=x.service\nActiveState=wondering\n')).toEqual([{ name: 'x', state: 'unknown' }]);
    expect(parseUnits('● x.service loaded\n\n  y.socket loaded active running Y\n')).toEqual([]);
  });

  it('with names that are no names are never handed to a program', async () => {
    const { at, asked } = watching('nas', '--host=evil', 'a b', '; id');
    expect(await at(0)).toEqual({});
    expect(asked).toEqual(['list-units']);
  });
});

const SHOW = (names: readonly string[]) =>
  `systemctl show --property=Id,Description,LoadState,ActiveState,SubState,MainPID,MemoryCurrent,CPUUsageNSec,NRestarts,ControlGroup -- ${names.map((name) => `${name}.service`).join(' ')}`;

describe('services of OpenRC', () => {
  it('are known from its files, also one that has crashed', async () => {
    const { at, sampler } = watching('alpine', 'sshd', 'nginx', 'crond', 'mysqld', 'lighttpd', 'nosuch');
    const now = await at(0);
    const of = (what: string) =>
      Object.entries(now).flatMap(([key, value]) =>
        key.startsWith(`system.service.${what}{`) && value === 1 ? (/name="(.*)"/.exec(key)?.[1] ?? []) : [],
      );
    expect(of('up')).toEqual(['sshd', 'crond']);
    expect(of('failed')).toEqual(['nginx', 'mysqld']);
    expect(now['system.service.pid{service.name="sshd"}']).toBe(2101);
    expect(sampler.states[0]?.missed).toEqual(['nosuch: there is no such service']);
  });
});

it('without a manager of services there is nothing to read', async () => {
  const { at, sampler } = watching('vm', 'nginx');
  expect(await at(0)).toEqual({});
  expect(sampler.states[0]).toMatchObject({ state: 'absent', reason: 'neither systemd nor OpenRC runs here' });
});
