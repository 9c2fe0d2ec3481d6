import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { battery } from '../../../agent/collectors/battery.ts';
import { disk } from '../../../agent/collectors/disk.ts';
import { disksOf } from '../../../agent/collectors/disk.win32.ts';
import { filesystem } from '../../../agent/collectors/filesystem.ts';
import { gpu } from '../../../agent/collectors/gpu.ts';
import { collectors } from '../../../agent/collectors/index.ts';
import { memory } from '../../../agent/collectors/memory.ts';
import { network } from '../../../agent/collectors/network.ts';
import { interfacesOf } from '../../../agent/collectors/network.win32.ts';
import { processes } from '../../../agent/collectors/processes.ts';
import { services } from '../../../agent/collectors/services.ts';
import { updates } from '../../../agent/collectors/updates.ts';
import { users } from '../../../agent/collectors/users.ts';
import { Wishes } from '../../../agent/expected.ts';
import { batteriesOf } from '../../../agent/reading/windows/battery.ts';
import { serviceControl } from '../../../agent/reading/windows/services.ts';
import { parseUpdates } from '../../../agent/reading/windows/updates.ts';
import { processesOf } from '../../../agent/top/win32.ts';
import { sampled } from '../../helpers/machine.ts';
import { printing, readOn, telling, windowsRows } from '../../helpers/systems.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

// Rows that are not in test/fixtures/systems are hand-made after Microsoft's documentation of their class.
const ODD: unknown[] = [null, 7, 'text', {}, [], { Name: 5 }, { Name: null, IDProcess: 'x' }];

describe('disks of Windows', () => {
  it('are sums since the start, whatever their names say', () => {
    const [row] = windowsRows('disk');
    expect(
      disksOf([{ ...row, Frequency_PerfTime: 1e7, Timestamp_Sys100NS: '132500000000000000' }, { Name: '_Total' }]),
    ).toEqual([
      {
        name: 'HarddiskVolume1',
        reads: 1,
        readBytes: 4096,
        readMs: 108.335,
        writes: 4,
        writtenBytes: 0,
        writeMs: 0.8885,
        busyMs: undefined,
        mono: 13_250_000_000_000,
      },
    ]);
    expect(disksOf(ODD)).toEqual([]);
  });

  it('are busy for what they were not idle', async () => {
    const at = (s: number, idle: number) => ({
      ...windowsRows('disk')[0],
      Name: '0 C:',
      DiskReadBytesPersec: 1_000_000 * s,
      AvgDisksecPerRead_Base: 100 * s,
      AvgDisksecPerRead: 100 * s * 20_000,
      Frequency_PerfTime: 10_000_000,
      PercentIdleTime: idle,
      PercentIdleTime_Base: s * 1e7,
      Timestamp_Sys100NS: 1e17 + s * 1e7,
    });
    let row = at(0, 0);
    const reader = readOn('win32', disk, { shell: async () => [row] });
    await reader.at(0);
    row = at(10, 7.5e7);
    expect(await reader.at(10_000)).toMatchObject({
      'system.disk.io.rate{disk.io.direction="read",system.device="0 C:"}': 1_000_000,
      'system.disk.operations.rate{disk.io.direction="read",system.device="0 C:"}': 100,
      'system.disk.operation.duration{disk.io.direction="read",system.device="0 C:"}': 0.002,
      'system.disk.utilization{system.device="0 C:"}': 0.25,
    });
  });
});

describe('interfaces of Windows', () => {
  const adapter = { Name: 'Realtek PCIe GBE Family Controller #2', NetConnectionStatus: 2 };

  it('have the link of the adapter of their name, which counters write otherwise', () => {
    const found = interfacesOf([
      ...windowsRows('network'),
      { ...adapter, Name: 'Realtek PCIe GBE Family Controller /2' },
    ]);
    expect(found).toHaveLength(4);
    expect(found[1]).toMatchObject({ receivedBytes: 12_523_547, sentBytes: 720_791, isUp: true });
    expect(found[0]).toMatchObject({ receivedBytes: 0, isUp: undefined });
    expect(interfacesOf(ODD)).toEqual([]);
  });

  it('carry what they say; tunnels are left out', async () => {
    const rows = (s: number) =>
      windowsRows('network').map((row) => ({
        ...row,
        BytesReceivedPersec: Number(row.BytesReceivedPersec) + 5_000 * s,
        CurrentBandwidth: 1_000_000_000,
        Timestamp_Sys100NS: 1e17 + s * 1e7,
      }));
    let s = 0;
    const reader = readOn('win32', network, { shell: async () => rows(s) });
    await reader.at(0);
    s = 10;
    const values = await reader.at(10_000);
    expect(values['system.network.receive.rate']).toBe(10_000);
    expect(Object.keys(values).filter((key) => /isatap|Teredo/.test(key))).toEqual([]);
    const second = 'network.interface.name="Realtek PCIe GBE Family Controller _2"';
    expect(values[`system.network.link.speed{${second}}`]).toBe(1e9);
  });
});

describe('memory of Windows', () => {
  it('comes with each frame by the system’s own call; page files beside it', async () => {
    const { at, sampler } = sampled([memory], {
      platform: 'win32',
      root: temporaryDirectory(),
      shell: telling({ Win32_PageFileUsage: windowsRows('pagefile') }),
    });
    const first = await at(0);
    expect(first['system.memory.limit']).toBe(totalmem());
    expect(first['system.paging.usage']).toBeUndefined();
    await until(async () => (await at(5_000))['system.paging.usage'] === 42 * 1024 ** 2, {
      what: 'the page files are known',
    });
    expect((await at(5_000))['system.paging.utilization']).toBe(0.0205);
    expect(sampler.states[0]).toMatchObject({ state: 'reading', missed: [] });
  });

  it('comes as well where nobody answers, who is named', async () => {
    const { at, sampler } = sampled([memory], {
      platform: 'win32',
      root: temporaryDirectory(),
      shell: () => Promise.reject(new Error('Access denied')),
    });
    const isNamed = async () => {
      await at(0);
      return sampler.states[0]?.missed.length === 1;
    };
    await until(isNamed, { what: 'the reason is known' });
    expect((await at(5_000))['system.memory.utilization']).toBeGreaterThan(0);
    expect(sampler.states[0]?.missed).toEqual(['page files: Access denied']);
  });
});

it('drives of Windows are those with a medium; others are left out', async () => {
  // A reader for cards without one; 64-bit numbers come as texts from some versions.
  const more = [
    { DeviceID: 'E:', DriveType: 2, Size: null, FreeSpace: null },
    { DeviceID: 'F:', DriveType: 2, Size: '1000', FreeSpace: '250' },
  ];
  const Win32_LogicalDisk = [...windowsRows('drives'), ...more, ...ODD];
  const on = (drive: string) => `system.filesystem.mountpoint="${drive}"`;
  expect(await readOn('win32', filesystem, { shell: telling({ Win32_LogicalDisk }) }).at(0)).toEqual({
    [`system.filesystem.utilization{${on('C:')}}`]: 0.5015,
    [`system.filesystem.usage{${on('C:')},system.filesystem.state="used"}`]: 40_069_115_904,
    [`system.filesystem.usage{${on('C:')},system.filesystem.state="free"}`]: 39_831_252_992,
    [`system.filesystem.limit{${on('C:')}}`]: 79_900_368_896,
    [`system.filesystem.utilization{${on('F:')}}`]: 0.75,
    [`system.filesystem.usage{${on('F:')},system.filesystem.state="used"}`]: 750,
    [`system.filesystem.usage{${on('F:')},system.filesystem.state="free"}`]: 250,
    [`system.filesystem.limit{${on('F:')}}`]: 1_000,
  });
});

describe('services of Windows', () => {
  const Win32_Service = [
    { Name: 'MSSQL$SQLEXPRESS', DisplayName: 'SQL Server', State: 'Running', ExitCode: 0, ProcessId: 4711 },
    { Name: 'Spooler', DisplayName: 'Spooler', State: 'Stopped', ExitCode: 1077, ProcessId: 0 },
    { Name: 'Recorder', State: 'Stopped', ExitCode: 1067, ProcessId: 0 },
    { Name: 'Starting', State: 'Start Pending', ExitCode: 0, ProcessId: 0 },
    ...ODD,
  ];
  const Win32_PerfRawData_PerfProc_Process = [
    { IDProcess: 4711, WorkingSet: '200000000', PercentProcessorTime: '305000000' },
  ];
  const classes = { Win32_Service, Win32_PerfRawData_PerfProc_Process };

  it('are what the control manager says, with what their process takes', async () => {
    expect(
      await serviceControl(telling(classes)).show(['mssql$sqlexpress', 'Recorder', 'Spooler', 'Starting', 'none']),
    ).toEqual([
      {
        name: 'MSSQL$SQLEXPRESS',
        title: 'SQL Server',
        state: 'running',
        pid: 4711,
        memoryBytes: 200_000_000,
        cpuSeconds: 30.5,
      },
      { name: 'Recorder', state: 'failed' },
      { name: 'Spooler', state: 'stopped' },
      { name: 'Starting', state: 'stopped' },
      { name: 'none', state: 'unknown', isMissing: true },
    ]);
  });

  it('are stopped as real ones are that were never started', async () => {
    const found = await serviceControl(telling({ Win32_Service: windowsRows('services') })).list();
    expect(found).toEqual([
      { name: 'TestMSAservice', state: 'stopped' },
      { name: 'TestMSAservice2', state: 'stopped' },
      { name: 'WinHttpAutoProxySvc', state: 'running', pid: 1028 },
      { name: 'Winmgmt', state: 'running', pid: 812 },
      { name: 'WinRM', state: 'running', pid: 1176 },
    ]);
  });

  it('never become part of a script, whatever people call them', async () => {
    const scripts: string[] = [];
    const hostile = "x'; Remove-Item C:\\ -Recurse; '";
    const shell = (script: string) => {
      scripts.push(script);
      return telling(classes)(script);
    };
    const wishes = new Wishes();
    wishes.expect([
      { name: hostile, isCritical: false },
      { name: 'MSSQL$SQLEXPRESS', isCritical: true },
    ]);
    const { at, sampler } = sampled([services], { platform: 'win32', shell, wishes, root: temporaryDirectory() });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 5_000);
    expect(await at(0)).toMatchObject({
      'system.service.up{service.critical="yes",service.name="MSSQL$SQLEXPRESS"}': 1,
      'system.service.memory.usage{service.name="MSSQL$SQLEXPRESS"}': 200_000_000,
    });
    expect(sampler.states[0]?.missed).toEqual([`${hostile}: there is no such service`]);
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) expect(script).not.toContain('Remove-Item');
  });
});

describe('batteries of Windows', () => {
  it('say what they know, and 71582788 minutes is not knowing', () => {
    expect(batteriesOf(windowsRows('battery'))).toMatchObject([
      { name: '4390BYDDELL M4GWP11', battery: { charge: undefined, isDischarging: false } },
      { name: 'SimulatedBattery', battery: { isDischarging: false } },
    ]);
    const running = { Name: 'B', BatteryStatus: 1, EstimatedChargeRemaining: 63 };
    expect(batteriesOf([{ ...running, EstimatedRunTime: 71_582_788 }])[0]?.battery).toMatchObject({
      charge: 0.63,
      isDischarging: true,
      secondsLeft: undefined,
    });
    expect(batteriesOf([{ ...running, EstimatedRunTime: 95 }])[0]?.battery.secondsLeft).toBe(5_700);
  });

  it('are nothing to read on a machine without one', async () => {
    const reader = readOn('win32', battery, { shell: async () => [] });
    await reader.at(0);
    expect(reader.state()).toMatchObject({ state: 'absent' });
  });
});

describe('updates of Windows', () => {
  const said = { pending: 3, security: 1, reboot: true, searched: '2026-09-20T10:00:00.0000000' };

  it('are what its own last search has found, with its time in UTC', () => {
    expect(parseUpdates(`${JSON.stringify(said)}\r\n`)).toEqual({
      pending: 3,
      security: 1,
      needsRestart: true,
      listedAt: Date.UTC(2026, 8, 20, 10),
    });
    expect(parseUpdates(JSON.stringify({ ...said, searched: null })).listedAt).toBeUndefined();
    for (const bad of ['', 'x', '{}', '[]', '{"pending":-1,"security":0,"reboot":false}'])
      expect(() => parseUpdates(bad)).toThrow();
  });

  it('are asked for once a day, by a shell of its own so that nothing else waits', async () => {
    let runs = 0;
    const reader = readOn('win32', updates, {
      run: async () => ({ output: JSON.stringify(said), errors: '', code: runs++ }),
    });
    expect(await reader.at(0)).toMatchObject({
      'system.updates.pending': 3,
      'system.updates.security': 1,
      'system.updates.reboot': 1,
    });
    await reader.at(12 * 3_600_000);
    expect(runs).toBe(1);
    await reader.at(25 * 3_600_000);
    expect(runs).toBe(2);
    expect(reader.state()?.missed).toEqual(['Windows Update: code 1']);
  });
});

it('processes and sessions of Windows are counted', async () => {
  const shell = telling({
    Win32_PerfRawData_PerfOS_System: [{ Processes: 143 }],
    Win32_Process: [{ SessionId: 1 }, { SessionId: 1 }, { SessionId: 4 }],
  });
  expect(await readOn('win32', processes, { shell }).at(0)).toEqual({ 'system.process.count': 143 });
  expect(await readOn('win32', users, { shell }).at(0)).toEqual({ 'system.session.count': 2 });
});

it('processes of Windows are those of its counters, without the sum and without nobody', () => {
  const row = {
    IDProcess: 900,
    PercentProcessorTime: '45000000',
    WorkingSet: '8000000',
    ElapsedTime: '133000000000000000',
  };
  expect(
    processesOf([{ ...row, Name: 'svchost#3' }, { ...row, Name: '_Total' }, { ...row, Name: 'Idle' }, ...ODD]),
  ).toEqual([{ pid: 900, name: 'svchost', start: 133_000_000_000_000_000, cpuSeconds: 4.5, memoryBytes: 8_000_000 }]);
});

it('a graphics card of NVIDIA is read by its program', async () => {
  const reader = readOn('win32', gpu, { run: printing({}) });
  await reader.at(0);
  expect(reader.state()?.missed).toEqual(['there is no nvidia-smi']);
});

it('no collector that is read with the frames starts a program on Windows', async () => {
  const started: string[] = [];
  const { at, sampler } = sampled(collectors, {
    platform: 'win32',
    root: temporaryDirectory(),
    run: async ({ command }) => {
      started.push(command);
      throw new Error('no program may be started');
    },
    shell: async () => [],
  });
  // Less than a second: nobody beside is asked yet.
  for (const mono of [0, 400, 800]) await at(mono);
  expect(started).toEqual([]);
  expect(sampler.states.filter(({ state }) => state === 'reading').map(({ id }) => id)).toEqual(
    expect.arrayContaining(['cpu', 'memory', 'uptime']),
  );
});

it.each(['win32', 'darwin'] as const)('each collector that is not read on %s says why', (platform) => {
  const silent = collectors.filter(({ read, unread }) => !read[platform] && !unread?.[platform]);
  expect(silent.map(({ id }) => id)).toEqual([]);
});
