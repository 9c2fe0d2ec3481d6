import type { AuditSummary, Finding } from '../../protocol/audits.ts';
import type { FactEvent } from '../hub.ts';
import type { TargetRecord } from './documents.ts';

/** Failures in a row after which people are told. */
const TOLD_AFTER = 3;

const aboutOf = ({ siteId, hostId }: TargetRecord, key: string, at: number) => ({
  ...{ siteId, key, at },
  ...(hostId && { hostId }),
});

/** What an audit says of the way to its target: failures in a row, and a host key that is another. */
export function connectionFacts(
  target: TargetRecord,
  { state, code, problem }: AuditSummary,
  { failures, at }: { failures: number; at: number },
): FactEvent[] {
  const about = aboutOf(target, target.id, at);
  const isFailed = state === 'failed';
  const isChanged = code === 'host-key-changed';
  const unreachable: FactEvent = {
    ...{ ...about, kind: 'ssh-unreachable', severity: 'high', state: isFailed ? 'wrong' : 'ok' },
    text: isFailed ? `${target.name}: ${failures} audits in a row failed. ${problem}` : `${target.name} was audited`,
  };
  const hostKey: FactEvent = {
    ...{ ...about, kind: 'ssh-host-key', severity: 'critical', state: isChanged ? 'wrong' : 'ok' },
    text: isChanged ? `${target.name}: ${problem}` : `${target.name} shows the host key that was accepted`,
  };
  return [...(failures >= TOLD_AFTER || !isFailed ? [unreachable] : []), ...(isChanged || !isFailed ? [hostKey] : [])];
}

/** A critical finding that nobody has waived is a fact until it is gone. */
export function criticalFact(target: TargetRecord, findings: readonly Finding[], at: number): FactEvent {
  const critical = findings.filter(({ severity, waiver }) => severity === 'critical' && !waiver);
  const isWrong = critical.length > 0;
  return {
    ...{ ...aboutOf(target, `audit ${target.id}`, at), kind: 'finding', severity: 'critical' },
    state: isWrong ? 'wrong' : 'ok',
    text: `${target.name}: ${isWrong ? critical.map(({ title }) => title).join('; ') : 'nothing critical'}`,
  };
}
