import type { LiveSeries } from '../../protocol/live.ts';
import type { FrameReading } from './source.ts';

/** Where a frame has what power is reckoned of. */
interface Places {
  cpu: number;
  /** The whole platform, where it is counted. */
  platform: number;
  packages: number[];
  chassis: number[];
  ups: { name: string; watts: number }[];
}

/** Frames of one layout share one list of series, so that they are looked through once. */
const known = new WeakMap<readonly LiveSeries[], Places>();

function placesOf(series: readonly LiveSeries[]): Places {
  const found = known.get(series);
  if (found) return found;
  const places: Places = { cpu: -1, platform: -1, packages: [], chassis: [], ups: [] };
  series.forEach(({ metric, attributes }, at) => {
    const name = attributes['hw.name'] ?? '';
    if (metric === 'system.cpu.utilization') places.cpu = at;
    else if (metric === 'hw.chassis.power') places.chassis.push(at);
    else if (metric === 'hw.ups.power') places.ups.push({ name, watts: at });
    else if (metric !== 'hw.power') return;
    else if (name.startsWith('power_meter')) places.chassis.push(at);
    else if (name === 'psys') places.platform = at;
    else if (/^package-\d+(?: dram)?$/.test(name)) places.packages.push(at);
  });
  known.set(series, places);
  return places;
}

interface Values {
  series: readonly LiveSeries[];
  values: readonly (number | null)[];
}

/** What a frame says of its host's power. */
export function readingOf({ series, values }: Values): FrameReading {
  const { cpu, platform, packages, chassis } = placesOf(series);
  const sum = (places: readonly number[]): number | undefined => {
    const present = places.flatMap((at) => values[at] ?? []);
    return present.length === places.length && present.length > 0 ? present.reduce((a, b) => a + b, 0) : undefined;
  };
  const rapl = platform >= 0 ? (values[platform] ?? undefined) : sum(packages);
  const whole = sum(chassis.slice(0, 1));
  const use = values[cpu];
  return {
    ...(typeof use === 'number' && { cpu: use }),
    ...(rapl !== undefined && { rapl }),
    ...(whole !== undefined && { chassis: whole }),
  };
}

/** Watts of each UPS that the frame tells of. */
export function upsOf({ series, values }: Values): { name: string; watts: number }[] {
  return placesOf(series).ups.flatMap(({ name, watts }) => {
    const value = values[watts];
    return typeof value === 'number' ? [{ name, watts: value }] : [];
  });
}
