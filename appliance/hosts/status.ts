import type { HostKind, HostStatus } from '../../protocol/hosts.ts';

export interface Signs {
  intervalMs: number;
  /** Moment of the newest frame, epoch ms. */
  lastSeenAt?: number;
  /** Since when the agent's session has been closed; absent while it is open. */
  closedAt?: number;
  /** The agent may not connect: an admin said so, or its key is used by two machines. */
  barred?: 'revoked' | 'quarantined' | 'left';
  /** It was added by hand and nothing has come of it yet. */
  awaits?: HostKind;
  /** A meter tells what it takes, which is not the host itself. */
  isMeasured?: boolean;
}

export interface Verdict {
  status: HostStatus;
  reason: string;
}

const STALE_AFTER_INTERVALS = 2.5;
const OFFLINE_AFTER = { intervals: 2, ms: 5_000 };

const BARRED = {
  revoked: 'Its agent was revoked.',
  left: 'It was unpaired on the machine itself: pair it again to hear of it.',
  quarantined: 'Two machines use its agent’s key: pair one of them anew, then release the agent.',
} as const;

const METERED = 'Only its power meter tells of it: whether it runs is not known.';

/** Judges a host at `now`: unknown before the first frame, stale after 2.5 intervals, offline 2 intervals + 5 s after its session closed. */
export function judgeStatus(signs: Signs, now: number): Verdict {
  const { intervalMs, lastSeenAt, closedAt, awaits, isMeasured = false } = signs;
  if (signs.barred) return { status: 'offline', reason: BARRED[signs.barred] };
  const isClosed = closedAt !== undefined && now - closedAt > OFFLINE_AFTER.intervals * intervalMs + OFFLINE_AFTER.ms;
  if (lastSeenAt === undefined) {
    if (awaits && closedAt !== undefined)
      return { status: 'unknown', reason: isMeasured ? METERED : awaitedWords(awaits) };
    return { status: 'unknown', reason: isClosed ? 'It was paired and has not reported yet.' : 'It is connecting.' };
  }
  const silentMs = now - lastSeenAt;
  if (silentMs <= STALE_AFTER_INTERVALS * intervalMs)
    return { status: 'online', reason: `Reports every ${inWords(intervalMs)}.` };
  if (isClosed) return { status: 'offline', reason: 'Powered off, network, or agent stopped.' };
  return {
    status: 'stale',
    reason: `Nothing for ${inWords(silentMs)}, it should report every ${inWords(intervalMs)}.`,
  };
}

/** A span for people, in its largest sensible unit. */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

const awaitedWords = (kind: HostKind): string =>
  kind === 'agent'
    ? 'It was added by hand, and no agent has been paired for it yet.'
    : 'It was added by hand, and no value of it has come yet.';
