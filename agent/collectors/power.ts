import * as z from 'zod/mini';
import type { SystemFiles } from '../files.ts';
import { Instances, Rate } from '../rate.ts';
import { findInputs, Sensors } from '../reading/hwmon.ts';
import { collector, gauge, NothingToRead, type Put, type ReaderDeps } from './collector.ts';

/** One energy counter of RAPL, microjoules up to `range` and then from 0 again (powercap.rst). */
export interface EnergyZone {
  label: string;
  path: string;
  range: number;
}

/** Zones of /sys/class/powercap: packages, memory, the whole platform. `intel-rapl-mmio` counts the same package a second time. */
export function findZones(files: SystemFiles): EnergyZone[] {
  const folders = files.list('/sys/class/powercap').filter((name) => /^intel-rapl(?::\d+)+$/.test(name));
  return folders.flatMap((folder) => {
    const at = `/sys/class/powercap/${folder}`;
    const name = files.once(`${at}/name`)?.trim();
    const range = Number(files.once(`${at}/max_energy_range_uj`));
    if (!name || !(range > 0)) return [];
    const parent =
      folder.split(':').length > 2 ? files.once(`/sys/class/powercap/${folder.replace(/:\d+$/, '')}/name`) : undefined;
    return [{ label: parent ? `${parent.trim()} ${name}` : name, path: `${at}/energy_uj`, range }];
  });
}

/** Adds up a counter that starts again at 0 when it is full: joules since the first call. */
export class Energy {
  readonly #range: number;
  #last = Number.NaN;
  #joules = 0;

  constructor(range: number) {
    this.#range = range;
  }

  next(microjoules: number): number {
    const grown = microjoules - this.#last;
    if (!Number.isNaN(grown)) this.#joules += (grown < 0 ? grown + this.#range : grown) / 1e6;
    this.#last = microjoules;
    return this.#joules;
  }
}

function readLinux(_settings: unknown, { files }: ReaderDeps) {
  // A graphics card's power is the card's own.
  const sensors = new Sensors(files, () => findInputs(files, 'power').filter(({ chip }) => chip !== 'amdgpu'));
  const zones = new Sensors(files, () => findZones(files));
  const known = new Instances(() => ({ rate: new Rate(), energy: undefined as Energy | undefined }));
  const wattsOf = ({ label, range }: EnergyZone, microjoules: number, mono: number) => {
    const zone = known.get(label);
    zone.energy ??= new Energy(range);
    const joules = zone.energy.next(microjoules);
    return { joules, watts: zone.rate.next(joules, mono) };
  };
  const putZone = (put: Put, label: string, { joules, watts }: ReturnType<typeof wattsOf>) => {
    put('hw.energy', Math.round(joules * 1e3) / 1e3, label);
    if (watts !== undefined) put('hw.power', Math.round(watts * 100) / 100, label);
  };
  return {
    everyMs: 10_000,
    read(put: Put, { mono }: { mono: number }, miss: (what: string) => void) {
      const [energies, powers] = [zones.read(mono), sensors.read(mono)];
      if (energies.length + powers.length === 0) throw new NothingToRead('nothing here measures power');
      for (const { sensor, text } of energies) {
        if (text === undefined) miss(`${sensor.label}: only root may read ${sensor.path}`);
        else putZone(put, sensor.label, wattsOf(sensor, Number.parseInt(text, 10), mono));
      }
      for (const { sensor, text } of powers) if (text) put('hw.power', Number.parseInt(text, 10) / 1e6, sensor.label);
      known.sweep();
    },
  };
}

/** What the processors, their memory and whatever else the machine measures take. Energy counts from the start of the agent. */
export const power = collector({
  id: 'power',
  title: 'Power',
  settings: z.object({}),
  descriptors: [
    gauge('hw.power', 'Power', {
      unit: 'W',
      attributes: ['hw.name'],
      chart: { group: 'power', order: 72, style: 'line' },
    }),
    gauge('hw.energy', 'Energy', { unit: 'J', kind: 'counter', rollup: 'last', attributes: ['hw.name'] }),
  ],
  read: { linux: readLinux },
  unread: {
    darwin: 'macOS shows the power of its processor to root only (powermetrics)',
    win32: 'Windows shows the power of the processor to drivers only',
  },
});
