import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collector, Platform } from '../../agent/collectors/collector.ts';
import type { AgentLog } from '../../agent/log.ts';
import { NothingToRead } from '../../agent/nothing.ts';
import type { Run } from '../../agent/programs.ts';
import { Sampler, type SamplerOptions } from '../../agent/sampler.ts';
import { SeriesTable } from '../../agent/series.ts';
import { seriesKey } from '../../protocol/metrics.ts';
import { temporaryDirectory } from './temporary.ts';

export const MACHINES = join(import.meta.dirname, '../fixtures/machines');

/** Text of a file of a saved machine. */
export const machineFile = (machine: string, path: string): string =>
  readFileSync(join(MACHINES, machine, path), 'utf8');

/** A copy of a saved machine whose files may be changed; call it inside a test. */
export function copyMachine(machine: string) {
  const root = temporaryDirectory();
  cpSync(join(MACHINES, machine), root, { recursive: true, verbatimSymlinks: true });
  return {
    root,
    change(path: string, from: string | RegExp, to: string) {
      const file = join(root, path);
      const old = readFileSync(file, 'utf8');
      const text = old.replace(from, to);
      if (text === old) throw new Error(`${path} does not contain ${from}`);
      writeFileSync(file, text);
    },
    write: (path: string, text: string) => writeFileSync(join(root, path), text),
  };
}

/**
 * Runs the programs of a saved machine: what a command line printed is in `programs/` under that line (`/` written as `_`), and an exit code other than 0
 * in a first line `exit N`. Others are not there.
 */
export const recorded =
  (machine: string): Run =>
  async ({ command, args }) => {
    const name = [command, ...args].join(' ').replaceAll('/', '_');
    const file = join(MACHINES, machine, 'programs', name);
    if (!existsSync(file)) throw new NothingToRead(`there is no ${command}`);
    const text = readFileSync(file, 'utf8');
    const [head, code] = /^exit (\d+)\n/.exec(text) ?? ['', '0'];
    return { output: text.slice(head.length), errors: '', code: Number(code) };
  };

/** A log that keeps its lines. */
export function keptLog(): AgentLog & { lines: string[] } {
  const lines: string[] = [];
  const say = (level: string) => (detail: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(detail)}`);
  return { lines, debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

/** Samples these collectors as the agent does, and answers values by series key. */
export function sampled(
  collectors: readonly Collector[],
  options: Partial<SamplerOptions> & { platform?: Platform } = {},
) {
  const series = new SeriesTable(collectors.flatMap(({ descriptors }) => descriptors));
  const log = keptLog();
  const sampler = new Sampler({ collectors, series, platform: 'linux', log, ...options });
  return {
    sampler,
    series,
    log,
    /** All values at `mono` ms. */
    async at(mono: number): Promise<Record<string, number | null>> {
      const values = await sampler.sample({ at: 1_790_000_000_000 + mono, mono });
      const all = series.since(0);
      const named: Record<string, number | null> = {};
      for (let i = 0; i < values.length; i += 2) {
        const found = all[values[i] ?? -1];
        if (!found) throw new Error(`index ${values[i]} was never declared`);
        named[seriesKey(found)] = values[i + 1] ?? null;
      }
      return named;
    },
  };
}
