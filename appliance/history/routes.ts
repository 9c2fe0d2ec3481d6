import { type HistoryAnswer, readHistory } from '../../protocol/routes/history.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { History } from './history.ts';

export interface HistoryRouteParts {
  history: Pick<History, 'query'>;
  /** The host, if the session may see it; fails as if it were not there. */
  visible(session: Session, hostId: string): { id: string };
}

const LONGEST_MS = 10 * 366 * 86_400_000;

export function serveHistory(routes: Routes, { history, visible }: HistoryRouteParts): void {
  routes.serve(readHistory, ({ session, params, query, signal }): Promise<HistoryAnswer> => {
    const { id: hostId } = visible(session, params.hostId);
    const { from, to, metrics, maxPoints } = query;
    if (to <= from) throw new Problem('invalid-request', '', [{ path: 'query.to', message: 'lies before from' }]);
    if (to - from > LONGEST_MS)
      throw new Problem('invalid-request', '', [{ path: 'query.from', message: 'ask for ten years at most' }]);
    const wanted = metrics === undefined ? [] : splitNames(metrics);
    return history.query({ hostId, from, to, maxPoints, signal, ...(wanted.length > 0 && { metrics: wanted }) });
  });
}

/** Metric ids and series keys that stand behind each other with commas; a comma inside a series key belongs to it. */
export function splitNames(text: string): string[] {
  return text.match(/(?:[^,{]|\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})+/g) ?? [];
}
