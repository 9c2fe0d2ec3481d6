import { seeded } from '../helpers/random.ts';

/** Series of the seeded machine and how many decimals each has; KiB move in pages of 4. */
export const MACHINE_SERIES: readonly (readonly [metric: string, decimals: number])[] = [
  ['cpu.total', 1],
  ['cpu.user', 1],
  ['cpu.system', 1],
  ['cpu.iowait', 1],
  ['load.1m', 2],
  ['load.5m', 2],
  ['memory.used', 0],
  ['memory.cached', 0],
  ['swap.used', 0],
  ['eth0.received', 0],
  ['eth0.sent', 0],
  ['wlan0.received', 0],
  ['wlan0.sent', 0],
  ['sda.read', 0],
  ['sda.written', 0],
  ['fs.root', 0],
  ['fs.data', 0],
  ['temperature.cpu', 1],
  ['temperature.disk', 0],
  ['power', 1],
];

const between = (least: number, value: number, most: number) => Math.max(least, Math.min(most, value));

/**
 * Values of one machine, sample by sample: days and nights, bursts of work, some idle machines, some that store files. The same
 * generator as the one behind the figures of the design, so that they can be compared. `step` in seconds.
 */
export function machineValues(machine: number, step: number): (second: number) => number[] {
  const r = seeded(machine * 7919 + 104_729 + step);
  const normal = () => (r() + r() + r() + r() - 2) * 1.73;
  const busy = 0.3 + 2.2 * r() * r();
  const isStore = r() < 0.3;
  const isIdle = r() < 0.3;
  const dt = Math.min(step, 60);
  const noise = step >= 60 ? 0.35 : step >= 5 ? 0.7 : 1;
  const inertia = Math.exp(-dt / 300);
  let cpu = 5 * busy;
  let load1 = 0.3 * busy;
  let load5 = load1;
  let used = 1.5e6 + r() * 6e6;
  let cached = 2e6 + r() * 4e6;
  let swap = isIdle ? 0 : Math.floor(r() * 2e5) * 4;
  let root = 8e6 + r() * 2e7;
  let data = 1e8 + r() * 4e8;
  let heat = 38 + r() * 12;
  let diskHeat = 33 + Math.floor(r() * 8);
  let burst = 0;

  return (second) => {
    const day = isIdle ? 1 : 1 + 0.6 * Math.sin(((((second / 3600) % 24) - 9) / 24) * 2 * Math.PI);
    if (burst > 0) burst -= dt;
    else if (r() < dt / 5400) burst = 60 + r() * 900;
    const work = burst > 0 ? (isStore ? 6 : 3.5) : 1;
    cpu = cpu * inertia + 4 * busy * day * work * (1 - inertia);
    const user = Math.max(0.2, cpu * (1 + 0.25 * noise * normal()) + 0.5 * noise * normal());
    const system = Math.max(0.1, user * 0.3 * (1 + 0.2 * noise * normal()));
    const wait = Math.max(0, (work > 1 ? 1.2 : 0.02) + (work > 1 ? 1 : 0.05) * noise * normal());
    const total = Math.min(100, user + system + wait);
    load1 += (total / 25 - load1) * (1 - Math.exp(-step / 60));
    load5 += (total / 25 - load5) * (1 - Math.exp(-step / 300));
    used += normal() * 600 * Math.sqrt(step) * busy;
    used = between(6e5, used + (work > 1 ? (300 * dt) / 60 : -20 * (used / 1e7)), 1.2e7);
    cached += normal() * 150 * Math.sqrt(step) + (work > 1 ? (2000 * dt) / 60 : 0);
    cached = cached > 8e6 ? 4e6 : Math.max(1e6, cached);
    if (!isIdle && r() < dt / 3600) swap = Math.max(0, swap + Math.floor(normal() * 200) * 4);
    const received = Math.exp(Math.log(3000 * busy * day * work * work) + 0.6 * noise * normal());
    const sent = Math.exp(Math.log(2000 * busy * day * work) + 0.5 * noise * normal());
    const silent = r() < (isIdle ? 0.4 : 0.15) * (step >= 60 ? 0.2 : 1);
    const air = silent ? 0 : Math.max(0, Math.floor(200 + 150 * noise * normal()));
    const airSent = air ? Math.max(0, Math.floor(120 + 60 * noise * normal())) : 0;
    const noRead = work === 1 && r() < (step >= 60 ? 0.5 : 0.92);
    const read = noRead ? 0 : Math.floor((Math.exp(8 + 1.5 * normal() * noise) * work) / 512) * 512;
    const noWrite = r() < (step >= 60 ? 0.02 : 0.55);
    const written = noWrite ? 0 : Math.floor((Math.exp(10.3 + 0.9 * normal() * noise) * work) / 512) * 512;
    if (r() < dt / 180) root += Math.floor(8 * Math.abs(normal())) * 4;
    if (r() < dt / 43_200) root -= 4e4 * r();
    if (isStore && work > 1) data += Math.floor(30 * dt * Math.abs(normal()) * 4) * 4;
    else if (r() < dt / 600) data += 4 * Math.floor(100 * r());
    heat += (38 + total * 0.35 + 2 * day - heat) * (1 - Math.exp(-dt / 120));
    if (r() < dt / 1800) diskHeat = between(28, diskHeat + (r() < 0.5 ? -1 : 1), 52);
    const power = (isStore ? 28 : 6) + total * 0.12 + 0.3 * noise * normal();
    const page = (value: number) => Math.floor(value / 4) * 4;
    const halfDegrees = Math.round((heat + 0.3 * noise * normal()) / 0.5) / 2;
    const exact = [
      total,
      user,
      system,
      wait,
      load1,
      load5,
      page(used),
      page(cached),
      swap,
      received,
      sent,
      air,
      airSent,
    ];
    const all = [...exact, read, written, page(root), page(data), halfDegrees, diskHeat, power];
    return all.map((value, at) => {
      const weight = 10 ** (MACHINE_SERIES[at]?.[1] ?? 0);
      return Math.round(value * weight) / weight;
    });
  };
}
