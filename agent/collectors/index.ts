import { battery } from './battery.ts';
import type { Collector } from './collector.ts';
import { containers } from './containers.ts';
import { cpu } from './cpu.ts';
import { custom } from './custom.ts';
import { disk } from './disk.ts';
import { fan } from './fan.ts';
import { filesystem } from './filesystem.ts';
import { gpu } from './gpu.ts';
import { ipmi } from './ipmi.ts';
import { load } from './load.ts';
import { logs } from './logs.ts';
import { memory } from './memory.ts';
import { network } from './network.ts';
import { power } from './power.ts';
import { processes } from './processes.ts';
import { raid } from './raid.ts';
import { services } from './services.ts';
import { smart } from './smart.ts';
import { temperature } from './temperature.ts';
import { updates } from './updates.ts';
import { ups } from './ups.ts';
import { uptime } from './uptime.ts';
import { users } from './users.ts';
import { zfs } from './zfs.ts';

/** Every subject that an agent can read. To add one: write its file, and list it here. */
export const collectors: readonly Collector[] = [
  cpu,
  load,
  memory,
  filesystem,
  disk,
  network,
  temperature,
  fan,
  power,
  ipmi,
  battery,
  ups,
  gpu,
  uptime,
  processes,
  users,
  services,
  containers,
  raid,
  zfs,
  smart,
  updates,
  logs,
  custom,
];
