import type { Alert } from '../../protocol/alerts.ts';
import { msg, plural } from '../msg.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { ApiProblem, call } from '../rest.ts';

export type ActKind = 'acknowledge' | 'snooze' | 'comment' | 'resolve';

export interface Act {
  kind: ActKind;
  comment?: string;
  /** Of a snooze. */
  minutes?: number;
}

/** Does one thing to one alert and answers with what became of it. Throws `ApiProblem`. */
export function act(alertId: string, { kind, comment, minutes = 0 }: Act): Promise<Alert> {
  const params = { alertId };
  const said = comment ? { comment } : {};
  switch (kind) {
    case 'acknowledge':
      return call('POST /api/v1/alerts/:alertId/acknowledge', { params, body: said });
    case 'resolve':
      return call('POST /api/v1/alerts/:alertId/resolve', { params, body: said });
    case 'snooze':
      return call('POST /api/v1/alerts/:alertId/snooze', { params, body: { minutes, ...said } });
    case 'comment':
      return call('POST /api/v1/alerts/:alertId/comments', { params, body: { comment: comment ?? '' } });
  }
}

/** Does one thing to several, one after the other. What is over meanwhile is passed over; the first other failure is thrown at the end. */
export async function actOnAll(
  alertIds: readonly string[],
  what: Act,
  onDone: (count: number) => void,
): Promise<number> {
  let failure: unknown;
  let count = 0;
  for (const [index, alertId] of alertIds.entries()) {
    try {
      await act(alertId, what);
      count += 1;
    } catch (error) {
      if (!(error instanceof ApiProblem && error.code === 'conflict' && alertIds.length > 1)) failure ??= error;
    }
    onDone(index + 1);
  }
  if (failure !== undefined) throw failure;
  return count;
}

/** What the toast says afterwards. */
export function doneText(kind: ActKind, count: number, minutes = 0): string {
  switch (kind) {
    case 'acknowledge':
      return plural(count, { one: 'Acknowledged', other: '{count} alerts acknowledged' });
    case 'resolve':
      return plural(count, { one: 'Resolved', other: '{count} alerts resolved' });
    case 'comment':
      return plural(count, { one: 'Comment kept', other: 'Comment kept on {count} alerts' });
    case 'snooze':
      return minutes === 0
        ? msg('The snooze is over')
        : plural(count, { one: 'Snoozed', other: '{count} alerts snoozed' });
  }
}

/** Acknowledges without asking for words: the quick way of keys and bulk. A failure is said. */
export async function acknowledgeNow(alertIds: readonly string[]): Promise<void> {
  await tried(async () => {
    const count = await actOnAll(alertIds, { kind: 'acknowledge' }, () => undefined);
    toast({ text: doneText('acknowledge', count) });
  });
}
