import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collector, Platform } from '../../agent/collectors/collector.ts';
import { NothingToRead } from '../../agent/nothing.ts';
import type { Run } from '../../agent/programs.ts';
import { type AskShell, askNobody } from '../../agent/reading/windows/shell.ts';
import { sampled } from './machine.ts';
import { temporaryDirectory } from './temporary.ts';

const SYSTEMS = join(import.meta.dirname, '../fixtures/systems');

/** What a program of macOS printed somewhere. */
export const macFile = (name: string): string => readFileSync(join(SYSTEMS, 'mac', name), 'utf8');

/** What a kernel wrote or a program printed on some Linux. */
export const linuxFile = (name: string): string => readFileSync(join(SYSTEMS, 'linux', name), 'utf8');

/** Objects as Windows' shell hands them out. */
export const windowsRows = (name: string): Record<string, unknown>[] =>
  readFileSync(join(SYSTEMS, 'windows', `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Runs nothing but answers what these command lines would print; others are not there. */
export const printing =
  (answers: Readonly<Record<string, string>>): Run =>
  async ({ command, args }) => {
    const line = [command, ...args].join(' ');
    const key = Object.keys(answers).find((each) => line === each || line.startsWith(`${each} `));
    if (key === undefined) throw new NothingToRead(`there is no ${command}`);
    return { output: answers[key] ?? '', errors: '', code: 0 };
  };

/** Answers queries of these classes. */
export const telling =
  (classes: Readonly<Record<string, readonly unknown[]>>): AskShell =>
  async (script) =>
    Object.entries(classes).flatMap(([name, rows]) => (new RegExp(`${name}\\b`).test(script) ? rows : []));

/** A collector as it reads on another system; answers values by series key. */
export function readOn(
  platform: Platform,
  collector: Collector,
  { run = printing({}), shell = askNobody, settings = {} }: { run?: Run; shell?: AskShell; settings?: object } = {},
) {
  const { at, sampler, log } = sampled([collector], {
    platform,
    run,
    shell,
    root: temporaryDirectory(),
    settings: { [collector.id]: settings },
  });
  return {
    log,
    state: () => sampler.states[0],
    async at(mono: number): Promise<Record<string, number | null>> {
      await sampler.sampleSlow({ at: 1_790_000_000_000 + mono, mono }, 5_000);
      return at(mono);
    },
  };
}
