import * as z from 'zod/mini';
import type { KernelFile, SystemFiles } from '../files.ts';
import { collector, NothingToRead, type Put, type ReaderDeps } from './collector.ts';

const SCAN_EVERY_MS = 10 * 60_000;
/** Sensors that are not connected show such values: an unused pin of a board controller reads −128 or 127 °C and more. */
const PLAUSIBLE = { least: -50, most: 150 } as const;

/** One sensor: the label under which it is shown, and the file with its value in thousandths of a degree. */
export interface Sensor {
  label: string;
  path: string;
}

interface Chip {
  name: string;
  /** The device behind it, which stays the same when numbers change at the next start. */
  device: string;
  sensors: { label: string; path: string }[];
}

/**
 * The temperature sensors of /sys/class/hwmon (hwmon sysfs-interface.rst), else the thermal zones. Boards have both for the same
 * sensor, so zones are used only where there is no chip. Labels are the chip's and the sensor's name; two chips of one name are
 * told apart by their device.
 */
export function findSensors(files: SystemFiles): Sensor[] {
  const chips = files.list('/sys/class/hwmon').map((entry) => chipAt(`/sys/class/hwmon/${entry}`, files));
  const withSensors = chips.filter(({ sensors }) => sensors.length > 0);
  if (withSensors.length === 0) return thermalZones(files);
  const isTwice = (name: string) => withSensors.filter((chip) => chip.name === name).length > 1;
  return withSensors.flatMap(({ name, device, sensors }) => {
    const chip = isTwice(name) ? `${name} ${device}` : name;
    return sensors.map(({ label, path }) => ({ label: `${chip} ${label}`.trim(), path }));
  });
}

function chipAt(folder: string, files: SystemFiles): Chip {
  const inputs = files.list(folder).flatMap((name) => /^(temp\d+)_input$/.exec(name)?.[1] ?? []);
  const sensors = inputs.map((input) => ({
    label: files.once(`${folder}/${input}_label`)?.trim() ?? (inputs.length > 1 ? input : ''),
    path: `${folder}/${input}_input`,
  }));
  const name = files.once(`${folder}/name`)?.trim() || 'sensor';
  const device = files.link(`${folder}/device`)?.split('/').at(-1) ?? folder.split('/').at(-1) ?? '';
  return { name, device, sensors };
}

function thermalZones(files: SystemFiles): Sensor[] {
  const zones = files.list('/sys/class/thermal').filter((name) => name.startsWith('thermal_zone'));
  const named = zones.map((zone) => ({ zone, type: files.once(`/sys/class/thermal/${zone}/type`)?.trim() || zone }));
  return named.map(({ zone, type }, i) => ({
    label: named.findIndex((other) => other.type === type) === i ? type : `${type} ${zone.slice(12)}`,
    path: `/sys/class/thermal/${zone}/temp`,
  }));
}

/** Degrees Celsius in such a file; undefined for an empty text and for values of unconnected sensors. */
export function parseTemperature(text: string): number | undefined {
  const degrees = Number.parseInt(text, 10) / 1000;
  return degrees > PLAUSIBLE.least && degrees < PLAUSIBLE.most ? degrees : undefined;
}

/** A sensor may refuse for a moment (a disk asleep, a GPU switched off): its value is left out then. */
function readSensor(file: KernelFile, mono: number): number | undefined {
  try {
    return parseTemperature(file.text(mono));
  } catch {
    return undefined;
  }
}

function readLinux(_settings: unknown, { files }: ReaderDeps) {
  let sensors: Sensor[] = [];
  let scannedAt = Number.NEGATIVE_INFINITY;
  const scan = (mono: number) => {
    for (const { path } of sensors) files.release(path);
    sensors = findSensors(files);
    scannedAt = mono;
  };
  return {
    // Asking an NVMe disk for its temperature is a command to the disk.
    everyMs: 10_000,
    read(put: Put, { mono }: { mono: number }) {
      if (mono - scannedAt >= SCAN_EVERY_MS) scan(mono);
      if (sensors.length === 0) throw new NothingToRead('the kernel shows no temperature sensor');
      for (const { label, path } of sensors) put('hw.temperature', readSensor(files.kernel(path), mono), label);
    },
  };
}

const readMac = () => ({
  everyMs: 30_000,
  async read(put: Put) {
    const { cpuTemperature } = await import('systeminformation');
    const { main } = await cpuTemperature();
    if (main === null) throw new NothingToRead('macOS shows temperatures to its own tools only');
    put('hw.temperature', main, 'cpu');
  },
});

/** Every temperature that the machine shows. */
export const temperature = collector({
  id: 'temperature',
  title: 'Temperatures',
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
});
