import type { Host } from '../../protocol/hosts.ts';
import type { HostRecord } from './documents.ts';
import { saidOf } from './said.ts';
import { judgeStatus, type Signs, type Verdict } from './status.ts';

/** A host with what is known of it now, kept in memory: a fleet is some hundred, and every frame asks. */
export interface Known {
  record: HostRecord;
  signs: Signs;
  verdict: Verdict;
  statusAt: number;
  /** Writes of one host wait for each other, so that none is made of what another has just replaced. */
  writing: Promise<void>;
}

/** What is known of a host when its record comes up: its session has been closed since `closedAt`. */
export function knownOf(record: HostRecord, { closedAt, now }: { closedAt: number; now: number }): Known {
  const signs: Signs = { intervalMs: record.intervalMs, closedAt };
  if (record.lastSeenAt !== undefined) signs.lastSeenAt = record.lastSeenAt;
  else if (record.facts === undefined) signs.awaits = record.kind;
  return {
    record,
    signs,
    verdict: judgeStatus(signs, now),
    statusAt: record.lastSeenAt ?? record.createdAt,
    writing: Promise.resolve(),
  };
}

/** Counts the edits by people: guards one against another, and nothing else. */
export const revOf = ({ edits = 0 }: HostRecord): number => edits + 1;

/** The host as everybody sees it. */
export function asHost({ record, signs, verdict, statusAt }: Known): Host {
  const { sameAs, facts, agentVersion, may, isIntervalOwn, learntParent } = record;
  return {
    id: record.id,
    siteId: record.siteId,
    rev: revOf(record),
    name: record.name,
    kind: record.kind,
    isAppliance: record.isAppliance,
    tags: record.tags,
    intervalMs: record.intervalMs,
    createdAt: record.createdAt,
    status: verdict.status,
    statusReason: verdict.reason,
    statusAt,
    notes: [],
    ...saidOf(record),
    ...(facts && { facts }),
    ...(agentVersion && { agentVersion }),
    ...(may && { may }),
    ...(isIntervalOwn && { isIntervalOwn }),
    ...(sameAs && { sameAs }),
    ...(learntParent && { learntParent }),
    ...(signs.lastSeenAt !== undefined && { lastSeenAt: signs.lastSeenAt }),
  };
}
