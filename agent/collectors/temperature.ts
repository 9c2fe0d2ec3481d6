import * as z from 'zod/mini';
import type { SystemFiles } from '../files.ts';
import { findInputs, type Sensor, Sensors } from '../reading/hwmon.ts';
import { macTemperature } from '../reading/mac/sensor.ts';
import { collector, NothingToRead, type Put, type ReaderDeps } from './collector.ts';

/** Sensors that are not connected show such values: an unused pin of a board controller reads −128 or 127 °C and more. */
const PLAUSIBLE = { least: -50, most: 150 } as const;

/** The chips' temperatures, else the thermal zones: boards have both for the same sensor, so zones count only where there is no chip. */
export function findSensors(files: SystemFiles): Sensor[] {
  const inputs = findInputs(files, 'temp');
  return inputs.length > 0 ? inputs : thermalZones(files);
}

function thermalZones(files: SystemFiles): Sensor[] {
  const zones = files.list('/sys/class/thermal').filter((name) => name.startsWith('thermal_zone'));
  const named = zones.map((zone) => ({ zone, type: files.once(`/sys/class/thermal/${zone}/type`)?.trim() || zone }));
  return named.map(({ zone, type }, i) => ({
    label: named.findIndex((other) => other.type === type) === i ? type : `${type} ${zone.slice(12)}`,
    path: `/sys/class/thermal/${zone}/temp`,
    chip: 'thermal',
  }));
}

/** Degrees Celsius in such a file; undefined for an empty text and for values of unconnected sensors. */
export function parseTemperature(text: string): number | undefined {
  const degrees = Number.parseInt(text, 10) / 1000;
  return degrees > PLAUSIBLE.least && degrees < PLAUSIBLE.most ? degrees : undefined;
}

function readLinux(_settings: unknown, { files }: ReaderDeps) {
  const sensors = new Sensors(files, () => findSensors(files));
  return {
    // Asking an NVMe disk for its temperature is a command to the disk.
    everyMs: 10_000,
    read(put: Put, { mono }: { mono: number }) {
      const all = sensors.read(mono);
      if (all.length === 0) throw new NothingToRead('the kernel shows no temperature sensor');
      for (const { sensor, text } of all)
        put('hw.temperature', text === undefined ? text : parseTemperature(text), sensor.label);
    },
  };
}

const readMac = () => ({
  everyMs: 30_000,
  async read(put: Put) {
    const main = await macTemperature();
    if (main === null) throw new NothingToRead('macOS shows temperatures to its own tools only');
    put('hw.temperature', main, 'cpu');
  },
});

/** Every temperature that the machine shows. */
export const temperature = collector({
  id: 'temperature',
  title: 'Temperatures',
  // Elsewhere than on Linux a program is asked.
  isSlow: ['darwin'],
  settings: z.object({}),
  descriptors: [
    {
      id: 'hw.temperature',
      title: 'Temperature',
      unit: 'Cel',
      kind: 'gauge',
      rollup: 'average',
      attributes: ['hw.name'],
      chart: { group: 'temperature', order: 70, style: 'line' },
    },
  ],
  read: { linux: readLinux, darwin: readMac },
  unread: { win32: 'Windows shows its thermal zones to administrators only; disks tell theirs under Disk health' },
});
