import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSensors, parseTemperature, temperature } from '../../../agent/collectors/temperature.ts';
import { SystemFiles } from '../../../agent/files.ts';
import { copyMachine, MACHINES, sampled } from '../../helpers/machine.ts';

const labels = (machine: string) => findSensors(new SystemFiles(join(MACHINES, machine))).map(({ label }) => label);

describe('temperatures', () => {
  it('are those of the chips, told apart by their device where two have one name', () => {
    expect(labels('server64')).toEqual([
      'coretemp coretemp.0 Package id 0',
      'coretemp coretemp.0 Core 0',
      'coretemp coretemp.1 Package id 1',
      'coretemp coretemp.1 Core 0',
      'nvme Composite',
      'nct6779 SYSTIN',
    ]);
  });

  it('are not shown twice on a board that has the same sensor as chip and as zone', () => {
    expect(labels('pi4')).toEqual(['cpu_thermal']);
  });

  it('come from the thermal zones where there is no chip', () => {
    const { root } = copyMachine('pi4');
    expect(findSensors(Object.assign(new SystemFiles(root), { list: listWithoutChips(root) }))).toEqual([
      { label: 'cpu-thermal', path: '/sys/class/thermal/thermal_zone0/temp', chip: 'thermal' },
    ]);
  });

  it('are degrees Celsius, and those of unconnected sensors are left out', async () => {
    expect(parseTemperature('48312\n')).toBe(48.312);
    for (const odd of ['-128000\n', '255000\n', '', 'x']) expect(parseTemperature(odd)).toBeUndefined();
    const now = await sampled([temperature], { root: copyMachine('server64').root }).at(0);
    expect(now['hw.temperature{hw.name="nvme Composite"}']).toBe(38.85);
    expect(now).not.toHaveProperty('hw.temperature{hw.name="nct6779 SYSTIN"}');
  });

  it('are no failure where there is no sensor', async () => {
    const { at, sampler, log } = sampled([temperature], { root: copyMachine('container').root });
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]).toMatchObject({ state: 'absent', reason: 'the kernel shows no temperature sensor' });
    expect(log.lines).toEqual([]);
  });
});

function listWithoutChips(root: string): (path: string) => string[] {
  const files = new SystemFiles(root);
  return (path) => (path.endsWith('hwmon') ? [] : files.list(path));
}
