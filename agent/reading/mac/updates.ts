import * as z from 'zod/mini';
import type { Run } from '../../programs.ts';
import type { Updates } from '../packages.ts';

/** Labels of `softwareupdate --list --no-scan`: `* Label: …` since macOS 10.15, `   * …` before; a dash stands at those that are not recommended. */
export const countLabels = (output: string): number => (output.match(/^ *[*-] \S/gm) ?? []).length;

/** It says so when nothing waits; anything else without a label is no answer. */
const isAnswer = (output: string): boolean =>
  /No new software available|found the following new or updated software|Software Update Tool/.test(output);

const brew = z.object({ formulae: z.array(z.unknown()), casks: z.array(z.unknown()) });

/** What `brew outdated --json=v2` names. */
export function countOutdated(output: string): number {
  const { formulae, casks } = brew.parse(JSON.parse(output));
  return formulae.length + casks.length;
}

const BREW = ['/opt/homebrew/bin/brew', '/usr/local/bin/brew'] as const;

/** Asks for what macOS has found by itself, and Homebrew for what its lists say; neither is told to look anew. Which are for security macOS does not say. */
export async function askMacUpdates(run: Run, isThere: (path: string) => boolean): Promise<Updates> {
  const { output, errors } = await run({ command: 'softwareupdate', args: ['--list', '--no-scan'], limitMs: 120_000 });
  const said = `${output}\n${errors}`;
  if (!isAnswer(said)) throw new Error(`softwareupdate: ${errors.trim().slice(0, 200) || 'no answer'}`);
  const command = BREW.find(isThere);
  if (!command) return { pending: countLabels(said), security: undefined };
  const outdated = await run({ command, args: ['outdated', '--json=v2'], limitMs: 120_000 }).then(
    ({ output: list }) => countOutdated(list),
    () => 0,
  );
  return { pending: countLabels(said) + outdated, security: undefined };
}
