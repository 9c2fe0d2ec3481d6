import { readFileSync, statSync } from 'node:fs';
import type { Collector } from './collectors/collector.ts';
import { OptionError } from './options.ts';

/**
 * Settings of collectors from the agent's own file, `{"collectors": {"network": {"skip": ["eth9"]}, …}}`, each checked by its
 * collector. The file may name programs to run, so that it is believed only when nobody but its owner can write it. Throws `OptionError`
 * with what is wrong and where.
 */
export function readOwnFile(path: string, collectors: readonly Collector[]): Readonly<Record<string, unknown>> {
  const text = textOf(path);
  if (text === undefined) return {};
  const said = parsed(path, text);
  for (const [id, settings] of Object.entries(said)) {
    const collector = collectors.find((each) => each.id === id);
    if (!collector) throw new OptionError(`${path}: there is no collector ${id}; docs/metrics.md lists them.`);
    const result = collector.settings.safeParse(settings);
    const [issue] = result.error?.issues ?? [];
    if (issue)
      throw new OptionError(`${path}: collectors.${[id, ...issue.path].map(String).join('.')}: ${issue.message}`);
  }
  return said;
}

function textOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  const self = process.getuid?.();
  if (self !== undefined && ((found.mode & 0o022) !== 0 || (found.uid !== 0 && found.uid !== self)))
    throw new OptionError(`${path} can be written by others than its owner: chown root and chmod go-w it.`);
  return readFileSync(path, 'utf8');
}

function parsed(path: string, text: string): Record<string, unknown> {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (error) {
    throw new OptionError(`${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(said)) throw new OptionError(`${path} is no object: write {"collectors": {…}}.`);
  const { collectors = {}, ...others } = said;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new OptionError(`${path} has ${other}, which is not known; there is collectors.`);
  if (!isObject(collectors)) throw new OptionError(`${path}: collectors is no object.`);
  return collectors;
}
