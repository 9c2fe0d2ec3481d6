import type { AuditSummary, Finding, FindingSeverity, Unjudged } from '../../protocol/audits.ts';
import type { Check, Context, Verdict } from './checks/check.ts';
import { checks as all } from './checks/index.ts';
import type { Facts } from './facts.ts';

/** What a finding takes from 100, once, however much evidence there is. */
export const POINTS: Readonly<Record<FindingSeverity, number>> = { critical: 30, high: 12, medium: 5, low: 2 };
const ORDER: readonly FindingSeverity[] = ['critical', 'high', 'medium', 'low'];
const MOST_EVIDENCE = 50;
const LONGEST = 300;

export interface Judged {
  /** Worst first. */
  findings: Finding[];
  unjudged: Unjudged[];
  /** Ids of the checks that found nothing. */
  passed: string[];
}

/** Asks every check. One that fails has judged nothing; it stops no other. */
export function judgeAll(facts: Facts, context: Context, checks: readonly Check[] = all): Judged {
  const judged: Judged = { findings: [], unjudged: [], passed: [] };
  for (const check of checks) {
    const verdict = verdictOf(check, facts, context);
    if (verdict.state === 'ok') judged.passed.push(check.id);
    else if (verdict.state === 'unknown')
      judged.unjudged.push({ checkId: check.id, title: check.title, why: verdict.why.slice(0, LONGEST) });
    else judged.findings.push(findingOf(check, verdict));
  }
  judged.findings.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return judged;
}

function verdictOf(check: Check, facts: Facts, context: Context): Verdict {
  try {
    return check.judge(facts, context);
  } catch (error) {
    return { state: 'unknown', why: `the check failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function findingOf(check: Check, verdict: Extract<Verdict, { state: 'found' }>): Finding {
  const severity = verdict.severity ?? check.severity;
  const { evidence } = verdict;
  const shown = evidence.length > MOST_EVIDENCE ? evidence.slice(0, MOST_EVIDENCE - 1) : evidence;
  const rest = evidence.length - shown.length;
  return {
    ...{ checkId: check.id, title: check.title, severity, reason: check.reason, remedy: verdict.remedy },
    evidence: [...shown.map((line) => line.slice(0, LONGEST)), ...(rest > 0 ? [`and ${rest} more`] : [])],
    points: POINTS[severity],
  };
}

export interface Waived {
  id: string;
  checkId: string;
  reason: string;
  by: string;
  at: number;
  expiresAt?: number;
}

/** The findings with the waivers that hold at `at`; what is waived costs nothing. */
export function withWaivers(findings: readonly Finding[], waivers: readonly Waived[], at: number): Finding[] {
  return findings.map(({ waiver: _, ...rest }) => {
    const plain = { ...rest, points: POINTS[rest.severity] };
    const holding = waivers.find(
      ({ checkId, expiresAt = Number.POSITIVE_INFINITY }) => checkId === rest.checkId && expiresAt > at,
    );
    if (!holding) return plain;
    const { id, reason, by, expiresAt } = holding;
    return { ...plain, points: 0, waiver: { id, reason, by, ...(expiresAt !== undefined && { expiresAt }) } };
  });
}

/** 100 without what the findings take; absent where nothing was judged. */
export function scoreOf({ findings, passed }: Pick<Judged, 'findings' | 'passed'>): number | undefined {
  if (findings.length + passed.length === 0) return undefined;
  return Math.max(0, 100 - findings.reduce((sum, { points }) => sum + points, 0));
}

/** How many findings of each severity are not waived. */
export function countsOf(findings: readonly Finding[]): NonNullable<AuditSummary['counts']> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { severity, waiver } of findings) if (!waiver) counts[severity]++;
  return counts;
}
