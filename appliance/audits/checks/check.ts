import type { FindingSeverity } from '../../../protocol/audits.ts';
import type { Facts } from '../facts.ts';

/** What a check has beside the facts. */
export interface Context {
  /** Epoch ms of the appliance. */
  now: number;
  /** Facts of the audit before this one of the same host; absent for the first. */
  previous?: Facts | undefined;
}

/** `unknown`: what it needs could not be read, and why in words. */
export type Verdict =
  | { state: 'ok' }
  | { state: 'unknown'; why: string }
  | {
      state: 'found';
      /** Of the whole finding, where it is another than that of the check. */
      severity?: FindingSeverity;
      /** What was seen, in lines that name things. */
      evidence: string[];
      remedy: string;
    };

/** One thing that is looked at on every host: one file, one line in `index.ts`. Pure. */
export interface Check {
  /** Name of its file. */
  id: string;
  /** What is wrong when it finds something. */
  title: string;
  severity: FindingSeverity;
  /** Why it matters. */
  reason: string;
  judge(facts: Facts, context: Context): Verdict;
}

export const OK: Verdict = { state: 'ok' };
export const unknown = (why: string): Verdict => ({ state: 'unknown', why });

/** A finding where there is evidence. */
export function found(evidence: readonly string[], remedy: string, severity?: FindingSeverity): Verdict {
  if (evidence.length === 0) return OK;
  return { state: 'found', evidence: [...evidence], remedy, ...(severity && { severity }) };
}

export const NEEDS_ROOT = 'only root may read this: audit as root, or let the audit use sudo';
export const NEEDS_FULL = 'a full audit reads this, a quick one does not';
export const NEEDS_BEFORE = 'it compares with the audit before, and there is none yet';
/** The audit before had it, or neither had. */
export const NOT_READ = 'the host did not say this';
