import { describe, expect, it } from 'vitest';
import { gpu, parseNvidia } from '../../../agent/collectors/gpu.ts';
import { smart } from '../../../agent/collectors/smart.ts';
import { parseReport, parseScan } from '../../../agent/reading/smart.ts';
import { copyMachine, machineFile, recorded, sampled } from '../../helpers/machine.ts';
import { linuxFile } from '../../helpers/systems.ts';

// Reports of the machines `nas` and `laptop` are hand-made from smartmontools' and the drivers' documentation, shortened to what is read.

async function once(collector: typeof smart, machine: string) {
  const { sampler, at } = sampled([collector], { root: copyMachine(machine).root, run: recorded(machine) });
  await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
  return { values: await at(0), state: sampler.states[0] };
}

describe('the health of disks', () => {
  it('is that of SATA, SSD, NVMe and disks behind a controller; one that sleeps is left asleep and named', async () => {
    const { values, state } = await once(smart, 'nas');
    const of = (disk: string) =>
      Object.fromEntries(
        Object.entries(values).flatMap(([key, value]) =>
          key.includes(`system.device="${disk}"`)
            ? [[key.replace('hw.disk.', '').replace(/\{.*?(?:state="(.*?)")?,?(?:system.*)?\}/, '$1'), value]]
            : [],
        ),
      );
    expect(Object.values(of('sda'))).toEqual([1, 34, 94_608_000, 0, 8, 1]);
    expect(values).toMatchObject({
      'hw.disk.healthy{system.device="sdb"}': 0,
      'hw.disk.wear{system.device="sdb"}': 0.93,
      'hw.disk.sectors{hw.disk.sector.state="reallocated",system.device="sdb"}': 42,
      'hw.disk.healthy{system.device="sdc megaraid,3"}': 1,
      'hw.disk.sectors{hw.disk.sector.state="reallocated",system.device="sdc megaraid,3"}': 3,
      'hw.disk.wear{system.device="nvme0"}': 0.13,
      'hw.disk.spare{system.device="nvme0"}': 0.98,
      'hw.disk.errors{system.device="nvme0"}': 2,
      'hw.disk.written{system.device="nvme0"}': 1_024_000_000_000,
    });
    expect(Object.keys(of('sdd'))).toEqual([]);
    expect(state?.missed).toEqual(['/dev/sdd: Device is in STANDBY mode, exit(0)']);
  });

  it('is read from reports of real disks: SATA, NVMe, SAS', () => {
    const none = { wear: undefined, spare: undefined, writtenBytes: undefined };
    expect(parseReport(linuxFile('smart-sata'))).toEqual({
      ...none,
      isHealthy: true,
      celsius: 32,
      onSeconds: 1_730 * 3_600,
      reallocated: 0,
      pending: 0,
      errors: 0,
    });
    expect(parseReport(linuxFile('smart-nvme'))).toEqual({
      isHealthy: true,
      celsius: 36,
      onSeconds: 2_401 * 3_600,
      wear: 0,
      spare: 1,
      reallocated: undefined,
      pending: undefined,
      errors: 0,
      writtenBytes: 7_773_431 * 512_000,
    });
    expect(parseReport(linuxFile('smart-sas'))).toEqual({
      ...none,
      isHealthy: true,
      celsius: 34,
      onSeconds: 43_549 * 3_600,
      reallocated: 56,
      pending: undefined,
      errors: undefined,
    });
  });

  it('is not read without the right to, and the reason is told', async () => {
    const denied = { smartctl: { messages: [{ string: 'Smartctl open device: /dev/sda failed: Permission denied' }] } };
    const run: ReturnType<typeof recorded> = async ({ args }) =>
      args[1] === '--scan'
        ? { output: '{"devices":[{"name":"/dev/sda","type":"sat"}]}', errors: '', code: 0 }
        : { output: JSON.stringify(denied), errors: '', code: 2 };
    const { sampler } = sampled([smart], { root: copyMachine('nas').root, run });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
    expect(sampler.states[0]).toMatchObject({ state: 'absent' });
    expect(sampler.states[0]?.reason).toMatch(/\/dev\/sda: .*Permission denied/);
  });

  it('is never asked for devices whose name is none', () => {
    const scan = JSON.parse(machineFile('nas', 'programs/smartctl --json --scan')) as { devices: object[] };
    expect(parseScan(JSON.stringify(scan)).map(({ name }) => name)).not.toContain('-evil');
    expect(parseScan('{}')).toEqual([]);
    expect(parseScan('{"devices":[{"name":"/dev/a;id","type":"sat"}]}')).toEqual([]);
    expect(parseReport('[]')).toHaveProperty('reason');
    expect(parseReport('{"temperature":{"current":"hot"}}')).toHaveProperty('reason');
  });
});

describe('graphics cards', () => {
  it('of NVIDIA, AMD and Intel tell what they can', async () => {
    const { values } = await once(gpu, 'laptop');
    expect(values).toMatchObject({
      'hw.gpu.utilization{hw.name="NVIDIA GeForce RTX 3080 0"}': 0.41,
      'hw.gpu.memory.utilization{hw.name="NVIDIA GeForce RTX 3080 0"}': 0.2,
      'hw.gpu.power{hw.name="NVIDIA GeForce RTX 3080 0"}': 182.11,
      'hw.gpu.temperature{hw.name="NVIDIA T400 1"}': 40,
      'hw.gpu.utilization{hw.name="amd card0"}': 0.17,
      'hw.gpu.power{hw.name="amd card0"}': 21,
      'hw.gpu.temperature{hw.name="amd card0"}': 55,
      'hw.gpu.frequency{hw.name="intel card1"}': 850_000_000,
    });
    expect(values).not.toHaveProperty(['hw.gpu.power{hw.name="NVIDIA T400 1"}']);
    expect(Object.keys(values).filter((key) => key.includes('card2'))).toEqual([]);
  });

  it('are nothing to read on a server without one, and odd outputs are passed over', async () => {
    expect((await once(gpu, 'nas')).state).toMatchObject({ state: 'absent' });
    expect(parseNvidia('NVIDIA-SMI has failed because it could not communicate with the driver\n0, x\n')).toEqual([]);
  });
});
