import type { SystemFiles } from '../files.ts';

/** One input of a sensor chip: the label under which it is shown, and the file with its value. */
export interface Sensor {
  label: string;
  path: string;
  /** The chip's driver: `coretemp`, `nvme`, `amdgpu`. */
  chip: string;
}

interface Chip {
  name: string;
  /** The device behind it, which stays the same when numbers change at the next start. */
  device: string;
  sensors: { label: string; path: string }[];
}

/**
 * Inputs of one kind (`temp`, `fan`, `power`) of the chips in /sys/class/hwmon (hwmon sysfs-interface.rst). Labels are the chip's
 * and the sensor's name; two chips of one name are told apart by their device.
 */
export function findInputs(files: SystemFiles, kind: 'temp' | 'fan' | 'power'): Sensor[] {
  const chips = files.list('/sys/class/hwmon').map((entry) => chipAt(`/sys/class/hwmon/${entry}`, kind, files));
  const withSensors = chips.filter(({ sensors }) => sensors.length > 0);
  const isTwice = (name: string) => withSensors.filter((chip) => chip.name === name).length > 1;
  return withSensors.flatMap(({ name, device, sensors }) => {
    const chip = isTwice(name) ? `${name} ${device}` : name;
    return sensors.map(({ label, path }) => ({ label: `${chip} ${label}`.trim(), path, chip: name }));
  });
}

function chipAt(folder: string, kind: string, files: SystemFiles): Chip {
  // Some chips have a mean (`power1_average`) in the place of a momentary value.
  const names = files.list(folder);
  const pattern = new RegExp(`^(${kind}\\d+)_(?:input|average)$`);
  const inputs = [
    ...new Map(names.flatMap((name) => (pattern.test(name) ? [[pattern.exec(name)?.[1] ?? '', name]] : []))),
  ];
  const sensors = inputs.map(([input, file]) => ({
    label: files.once(`${folder}/${input}_label`)?.trim() ?? (inputs.length > 1 ? (input ?? '') : ''),
    path: `${folder}/${file}`,
  }));
  const name = files.once(`${folder}/name`)?.trim() || 'sensor';
  const device = files.link(`${folder}/device`)?.split('/').at(-1) ?? folder.split('/').at(-1) ?? '';
  return { name, device, sensors };
}

/** Sensors of a kind as a reader wants them: looked for again each ten minutes, one that refuses for a moment is left out. */
export class Sensors<T extends { path: string }> {
  readonly #find: () => T[];
  readonly #files: SystemFiles;
  #found: T[] = [];
  #foundAt = Number.NEGATIVE_INFINITY;

  constructor(files: SystemFiles, find: () => T[]) {
    this.#files = files;
    this.#find = find;
  }

  /** Each with the text of its file; undefined where a sensor refuses (a disk asleep, a GPU switched off). */
  read(mono: number): { sensor: T; text: string | undefined }[] {
    if (mono - this.#foundAt >= FIND_EVERY_MS) {
      for (const { path } of this.#found) this.#files.release(path);
      this.#found = this.#find();
      this.#foundAt = mono;
    }
    return this.#found.map((sensor) => ({ sensor, text: this.#text(sensor.path, mono) }));
  }

  #text(path: string, mono: number): string | undefined {
    try {
      return this.#files.kernel(path).text(mono);
    } catch {
      return undefined;
    }
  }
}

const FIND_EVERY_MS = 10 * 60_000;
