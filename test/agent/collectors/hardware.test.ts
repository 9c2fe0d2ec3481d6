import { describe, expect, it } from 'vitest';
import { battery, batteryOf, parseUevent } from '../../../agent/collectors/battery.ts';
import { fan } from '../../../agent/collectors/fan.ts';
import { Energy, findZones, power } from '../../../agent/collectors/power.ts';
import { SystemFiles } from '../../../agent/files.ts';
import { copyMachine, sampled } from '../../helpers/machine.ts';

// The machine `laptop` is hand-made from the kernel's documentation.

describe('fans', () => {
  it('turn so many times a minute, one that stands still included', async () => {
    const { root, write } = copyMachine('laptop');
    const { at } = sampled([fan], { root });
    // The second says 65535: it is not read.
    expect(await at(0)).toEqual({ 'hw.fan.speed{hw.name="thinkpad fan1"}': 2874 });
    write('sys/class/hwmon/hwmon4/fan1_input', '0\n');
    write('sys/class/hwmon/hwmon4/fan2_input', '\n');
    expect(await at(10_000)).toEqual({ 'hw.fan.speed{hw.name="thinkpad fan1"}': 0 });
  });

  it('are no failure where there are none', async () => {
    const { at, sampler } = sampled([fan], { root: copyMachine('vm').root });
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]).toMatchObject({ state: 'absent', reason: 'the kernel shows no fan' });
  });
});

describe('power', () => {
  it('is that of each zone, under names that stay, and the mmio copy of a package is left out', () => {
    expect(findZones(new SystemFiles(copyMachine('laptop').root)).map(({ label }) => label)).toEqual([
      'package-0',
      'package-0 core',
      'package-0 dram',
      'psys',
    ]);
  });

  it('is energy over time, also where the counter starts again at 0', async () => {
    const { root, write } = copyMachine('laptop');
    const { at } = sampled([power], { root });
    expect(await at(0)).toMatchObject({
      'hw.energy{hw.name="package-0"}': 0,
      'hw.power{hw.name="ina3221"}': 4.25,
    });
    write('sys/class/powercap/intel-rapl:0/energy_uj', '149671150\n');
    write('sys/class/powercap/intel-rapl:1/energy_uj', '257000000\n');
    const now = await at(10_000);
    expect(now['hw.energy{hw.name="package-0"}']).toBeCloseTo(150, 5);
    expect(now['hw.power{hw.name="package-0"}']).toBeCloseTo(15, 5);
    expect(now['hw.power{hw.name="psys"}']).toBeCloseTo(25, 5);
    const energy = new Energy(100e6);
    expect([90e6, 10e6, 10e6].map((value) => energy.next(value))).toEqual([0, 20, 20]);
  });

  it('that only root may read is named', async () => {
    const { root } = copyMachine('laptop');
    const files = new SystemFiles(root);
    const { rmSync } = await import('node:fs');
    const { at, sampler } = sampled([power], { root: files.root });
    rmSync(`${root}/sys/class/powercap/intel-rapl:1/energy_uj`);
    await at(0);
    expect(sampler.states[0]?.missed).toEqual(['psys: only root may read /sys/class/powercap/intel-rapl:1/energy_uj']);
  });
});

describe('batteries', () => {
  it('are read in energy and in charge, without those of mice, and mains is on or off', async () => {
    const { at, sampler } = sampled([battery], { root: copyMachine('laptop').root });
    await sampler.sampleSlow({ at: 0, mono: 0 }, 1000);
    expect(await at(0)).toEqual({
      'hw.power_supply.online{hw.name="AC"}': 0,
      'hw.power_supply.online{hw.name="ucsi-source-psy-USBC000:001"}': 0,
      'hw.battery.charge{hw.name="BAT0"}': 0.8,
      'hw.battery.health{hw.name="BAT0"}': 0.8081,
      'hw.battery.discharging{hw.name="BAT0"}': 1,
      'hw.battery.power{hw.name="BAT0"}': 9.22,
      'hw.battery.time_left{hw.name="BAT0"}': 14400,
      'hw.battery.cycles{hw.name="BAT0"}': 213,
      'hw.battery.charge{hw.name="BAT1"}': 0.5,
      'hw.battery.health{hw.name="BAT1"}': 0.9,
      'hw.battery.discharging{hw.name="BAT1"}': 0,
      'hw.battery.power{hw.name="BAT1"}': 18.6,
    });
  });

  it('that say little or nonsense give what they have', () => {
    const said = (text: string) => batteryOf(parseUevent(text));
    expect(said('POWER_SUPPLY_CAPACITY=73\nPOWER_SUPPLY_STATUS=Full\n').charge).toBe(0.73);
    expect(said('POWER_SUPPLY_ENERGY_NOW=x\nPOWER_SUPPLY_ENERGY_FULL=0\n')).toMatchObject({
      charge: undefined,
      watts: undefined,
    });
    expect(said('POWER_SUPPLY_CURRENT_NOW=-1000000\nPOWER_SUPPLY_VOLTAGE_NOW=5000000').watts).toBe(5);
    expect(parseUevent('POWER_SUPPLY_\n=\n\0POWER_SUPPLY_X').size).toBe(0);
  });
});
