import type { Collector } from './collector.ts';
import { cpu } from './cpu.ts';
import { disk } from './disk.ts';
import { filesystem } from './filesystem.ts';
import { load } from './load.ts';
import { memory } from './memory.ts';
import { network } from './network.ts';
import { processes } from './processes.ts';
import { temperature } from './temperature.ts';
import { uptime } from './uptime.ts';

/** Every subject that an agent can read. To add one: write its file, and list it here. */
export const collectors: readonly Collector[] = [
  cpu,
  load,
  memory,
  filesystem,
  disk,
  network,
  temperature,
  uptime,
  processes,
];
