import type { AlertHead } from '../../protocol/live.ts';
import { msg } from '../msg.ts';
import { formatSpan, relativeTime, sinceText } from '../times.ts';

export type StandingId = 'resolved' | 'acknowledged' | 'snoozed' | 'held' | 'flapping' | 'stale' | 'covered' | 'late';

/** Something that makes an alert different from one that is simply open, and why that is. */
export interface Standing {
  id: StandingId;
  /** One or two words, with who or until when. */
  word: string;
  why: string;
}

interface Around {
  /** The appliance's time. */
  now: number;
  /** Title of a rule, by its id. */
  ruleTitle(ruleId: string): string;
}

/** What an alert is beside open, in the order in which it matters; empty for one that simply is. */
export function standings(alert: AlertHead, { now, ruleTitle }: Around): Standing[] {
  const { resolvedAt, acknowledgedBy, acknowledgedAt, snoozedUntil, heldUntil, held, coveredBy, firedAt } = alert;
  const found: (Standing | false)[] = [
    alert.status === 'resolved' && {
      id: 'resolved',
      word:
        resolvedAt === undefined ? msg('Over') : msg('Over after {span}', { span: formatSpan(resolvedAt - firedAt) }),
      why:
        resolvedAt === undefined
          ? msg('It is over.')
          : msg('It is over since {time}.', { time: sinceText(resolvedAt, now) }),
    },
    alert.isLate && {
      id: 'late',
      word: msg('Late'),
      why: msg('It was in values that came late. It is on record, and nobody was told.'),
    },
    alert.status === 'acknowledged' && {
      id: 'acknowledged',
      word: msg('Acknowledged by {name}', { name: acknowledgedBy ?? msg('somebody') }),
      why: msg('Since {time}. It stays open until it is over.', { time: sinceText(acknowledgedAt ?? firedAt, now) }),
    },
    snoozedUntil !== undefined && {
      id: 'snoozed',
      word: msg('Snoozed until {time}', { time: untilText(snoozedUntil, now) }),
      why: msg('Nobody is told before {time} ({span}); then it is told again, if it is still so.', {
        time: untilText(snoozedUntil, now),
        span: relativeTime(snoozedUntil, now),
      }),
    },
    held !== undefined && {
      id: 'held',
      word: holdWord(held.by),
      why: heldText(held, now),
    },
    heldUntil !== undefined && {
      id: 'flapping',
      word: msg('Flapping, held until {time}', { time: untilText(heldUntil, now) }),
      why: msg('It changed five times within 5 min. Its changes are held back until {time}; then its state is told.', {
        time: untilText(heldUntil, now),
      }),
    },
    alert.isStale && {
      id: 'stale',
      word: msg('Stale'),
      why: msg('Its values have stopped: nobody knows whether it is still so.'),
    },
    coveredBy !== undefined && {
      id: 'covered',
      word: msg('Covered'),
      why: msg('“{rule}” is open on the same, so nobody was told of this one.', { rule: ruleTitle(coveredBy) }),
    },
  ];
  return found.filter((each): each is Standing => each !== false);
}

type Hold = NonNullable<AlertHead['held']>;

function holdWord(by: Hold['by']): string {
  const words: Record<Hold['by'], string> = {
    network: msg('Network away'),
    parent: msg('Behind another host'),
    maintenance: msg('Maintenance'),
    silence: msg('Silenced'),
  };
  return words[by];
}

/** A sentence of the appliance, and until when, where that is known. */
function heldText({ why, until }: Hold, now: number): string {
  const sentence = why.charAt(0).toUpperCase() + why.slice(1).replace(/\.$/, '');
  return until === undefined
    ? `${sentence}.`
    : msg('{why}, until {time}.', { why: sentence, time: untilText(until, now) });
}

/** Minutes are enough for what lies ahead. */
const untilText = (at: number, now: number): string => sinceText(at, now).slice(0, -3);
