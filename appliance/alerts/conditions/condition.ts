import { z } from 'zod';
import type { Plugin } from '../../../protocol/plugin.ts';

/** `broken`: on the wrong side of the threshold; `clear`: on the right side of the clear level; `near`: between the two. */
export type Verdict = 'broken' | 'near' | 'clear';

/** Judges the values of one series, in the order of their time. `value` is finite, `at` epoch ms. */
export interface Watch {
  of(value: number, at: number): Verdict;
}

/** A condition with its settings. */
export interface Opened {
  /** A watch for one more series. One that remembers nothing is the same for all of them. */
  watch(): Watch;
  /** How far back a watch remembers, ms; 0: it remembers nothing, and need not see all values. */
  memoryMs: number;
  /** The condition in words, as `above 90 %`; `show` writes a value of the metric in its unit. */
  says(show: (value: number) => string): string;
  /** Level to draw into a chart of the metric. */
  threshold?: number;
}

/**
 * What a condition judges: `values` of series; `silence`, how long a host has said nothing (ms); `trend`, in how many days a
 * series reaches its limit (infinite = never); `facts`, 1 while one is wrong and 0 while it is not.
 */
export type ConditionInput = 'values' | 'silence' | 'trend' | 'facts';

/** One kind of condition that a rule may have: one file, listed in `index.ts`. */
export interface Condition<S extends z.ZodType = z.ZodType> extends Plugin<S, undefined, Opened> {
  readonly input: ConditionInput;
}

/** Keeps the type of the settings while the condition is written. */
export const condition = <S extends z.ZodType>(
  made: Omit<Condition<S>, 'open'> & { open(settings: z.output<S>): Opened },
) => made satisfies Condition<S>;

/** Settings of a threshold with a level of its own at which an alert ends. */
export const levels = z.strictObject({
  threshold: z.number().meta({ title: 'Threshold', widget: 'level', order: 1 }),
  clear: z.number().exactOptional().meta({
    title: 'Clear level',
    description: 'An alert ends here. Empty: at the threshold.',
    widget: 'level',
    order: 2,
  }),
});

/** A condition whose watch remembers nothing. */
export const forgetful = (of: Watch['of'], rest: Pick<Opened, 'says' | 'threshold'>): Opened => {
  const watch: Watch = { of };
  return { watch: () => watch, memoryMs: 0, ...rest };
};
