import { above } from './above.ts';
import { absent } from './absent.ts';
import { below } from './below.ts';
import { changed } from './changed.ts';
import type { Condition } from './condition.ts';
import { equals } from './equals.ts';
import { fact } from './fact.ts';
import { forecast } from './forecast.ts';
import { outside } from './outside.ts';
import { rate } from './rate.ts';

/** Every condition that a rule may have. A new one is a file here and a line in this list. */
export const conditions = [
  above,
  below,
  outside,
  absent,
  rate,
  forecast,
  changed,
  equals,
  fact,
] as readonly Condition[];

/** The condition of that id, if there is one. */
export const conditionOf = (id: string): Condition | undefined => conditions.find((each) => each.id === id);
