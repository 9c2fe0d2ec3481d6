import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';

/** The version of the appliance, which is that of its image. */
export const version = () => JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/** The format of data that this version writes, as appliance/store/format.ts says it: the last of its steps, or the first format. */
export function dataSchema() {
  const text = readFileSync(join(ROOT, 'appliance/store/format.ts'), 'utf8');
  const steps = [...text.matchAll(/^\s*(?:\{ )?to: (\d+),/gm)].map(([, to]) => Number(to));
  const first = Number(/FIRST_FORMAT = (\d+)/.exec(text)?.[1]);
  if (!(first > 0)) throw new Error('appliance/store/format.ts says no first format');
  return Math.max(first, ...steps);
}
