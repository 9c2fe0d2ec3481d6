import * as z from 'zod/mini';
import type { SystemFiles } from '../files.ts';
import type { Battery } from '../reading/battery.ts';
import { parsePmset, parseSmartBattery } from '../reading/mac/battery.ts';
import { BATTERY_QUERY, batteriesOf } from '../reading/windows/battery.ts';
import { collector, gauge, NothingToRead, type Put, state } from './collector.ts';

const FOLDER = '/sys/class/power_supply';

/** Reads a `uevent` file: all properties in one read, so that they belong together. */
export function parseUevent(text: string): Map<string, string> {
  const lines = text.split('\n').map((line) => /^POWER_SUPPLY_([A-Z_]+)=(.*)$/.exec(line));
  return new Map(lines.flatMap((found) => (found ? [[found[1] ?? '', found[2] ?? '']] : [])));
}

const share = (part: number | undefined, whole: number | undefined) =>
  part !== undefined && whole !== undefined && whole > 0
    ? Math.round(Math.min(1, part / whole) * 1e4) / 1e4
    : undefined;

/** What a battery's folder says (sysfs-class-power). Energy in Wh, or charge in Ah: shares are the same. */
export function batteryOf(said: ReadonlyMap<string, string>): Battery {
  const number = (name: string) => {
    const value = Number.parseFloat(said.get(name) ?? '');
    return Number.isFinite(value) ? value : undefined;
  };
  const kind = said.has('ENERGY_NOW') ? 'ENERGY' : 'CHARGE';
  const [now, full, design] = [number(`${kind}_NOW`), number(`${kind}_FULL`), number(`${kind}_FULL_DESIGN`)];
  const [microamperes, microvolts] = [number('CURRENT_NOW'), number('VOLTAGE_NOW')];
  const product =
    microamperes !== undefined && microvolts !== undefined ? (microamperes * microvolts) / 1e6 : undefined;
  const microwatts = number('POWER_NOW') ?? product;
  const flow = kind === 'ENERGY' ? microwatts : microamperes;
  const isDischarging = said.get('STATUS') === 'Discharging';
  const percent = number('CAPACITY');
  return {
    charge: share(now, full) ?? (percent === undefined ? undefined : percent / 100),
    health: share(full, design),
    isDischarging,
    watts: microwatts === undefined ? undefined : Math.round(Math.abs(microwatts) / 1e4) / 100,
    secondsLeft: isDischarging && now !== undefined && flow ? Math.round((now / Math.abs(flow)) * 3600) : undefined,
    cycles: number('CYCLE_COUNT'),
  };
}

function putBattery(put: Put, name: string, battery: Battery): void {
  put('hw.battery.charge', battery.charge, name);
  put('hw.battery.health', battery.health, name);
  put('hw.battery.discharging', battery.isDischarging ? 1 : 0, name);
  put('hw.battery.power', battery.watts, name);
  put('hw.battery.time_left', battery.secondsLeft, name);
  // Firmware that does not count says 0.
  put('hw.battery.cycles', battery.cycles || undefined, name);
}

/** One supply; false when it is none of ours: that of a mouse or headset has the scope Device. */
function putSupply(put: Put, name: string, files: SystemFiles): boolean {
  const said = parseUevent(files.once(`${FOLDER}/${name}/uevent`) ?? '');
  if (files.once(`${FOLDER}/${name}/scope`)?.trim() === 'Device' || said.get('SCOPE') === 'Device') return false;
  if (said.has('ONLINE') && said.get('TYPE') !== 'Battery')
    put('hw.power_supply.online', Number(said.get('ONLINE')) > 0 ? 1 : 0, name);
  else if (said.has('CAPACITY') || said.has('STATUS')) putBattery(put, name, batteryOf(said));
  else return false;
  return true;
}

/** Batteries of the machine itself, and whether it is on mains. */
export const battery = collector({
  id: 'battery',
  title: 'Battery',
  // Firmware answers for these, at times slowly.
  isSlow: true,
  settings: z.object({}),
  descriptors: [
    gauge('hw.battery.charge', 'Battery charge', {
      max: 1,
      attributes: ['hw.name'],
      chart: { group: 'battery', order: 73, style: 'line' },
    }),
    gauge('hw.battery.health', 'Battery capacity left of new', { max: 1, rollup: 'last', attributes: ['hw.name'] }),
    state('hw.battery.discharging', 'On battery', { attributes: ['hw.name'] }),
    gauge('hw.battery.power', 'Battery power', { unit: 'W', attributes: ['hw.name'] }),
    gauge('hw.battery.time_left', 'Battery lasts for', { unit: 's', rollup: 'last', attributes: ['hw.name'] }),
    gauge('hw.battery.cycles', 'Battery cycles', { unit: '{cycle}', rollup: 'last', attributes: ['hw.name'] }),
    state('hw.power_supply.online', 'Power supply connected', { attributes: ['hw.name'] }),
  ],
  read: {
    linux: (_settings, { files }) => ({
      everyMs: 30_000,
      read(put) {
        const found = files.list(FOLDER).filter((name) => putSupply(put, name, files));
        if (found.length === 0) throw new NothingToRead('this machine has no battery that the kernel knows of');
      },
    }),
    darwin: (_settings, { run }) => ({
      everyMs: 60_000,
      async read(put) {
        const { isOnMains, batteries } = parsePmset((await run({ command: 'pmset', args: ['-g', 'batt'] })).output);
        if (batteries.length === 0) throw new NothingToRead('this Mac has no battery');
        const { output } = await run({ command: 'ioreg', args: ['-r', '-c', 'AppleSmartBattery', '-w', '0'] });
        const [own, ...others] = batteries;
        if (own) putBattery(put, own.name, { ...own.battery, ...parseSmartBattery(output) });
        for (const each of others) putBattery(put, each.name, each.battery);
        if (isOnMains !== undefined) put('hw.power_supply.online', isOnMains ? 1 : 0, 'mains');
      },
    }),
    win32: (_settings, { shell }) => ({
      everyMs: 60_000,
      async read(put) {
        const batteries = batteriesOf(await shell(BATTERY_QUERY));
        if (batteries.length === 0) throw new NothingToRead('this machine has no battery that Windows knows of');
        for (const { name, battery: each } of batteries) putBattery(put, name, each);
      },
    }),
  },
});
