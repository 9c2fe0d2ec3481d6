import type { Hold, Transition } from '../../protocol/alerts.ts';
import type { AlertRecord } from './documents.ts';

interface Surroundings {
  /** The alert as the book has it: what is kept of telling is the book's, whoever hands in the rest. */
  kept: AlertRecord | undefined;
  holdOf: ((alert: AlertRecord) => Hold | undefined) | undefined;
}

/**
 * New transitions as they go on record: those that people are to be told of are not while something keeps the alert quiet, and
 * otherwise are to be told until they are on their way. An end is never kept quiet.
 */
export function noted(
  record: AlertRecord,
  news: readonly Transition[],
  { kept, holdOf }: Surroundings,
): { fields: AlertRecord; news: Transition[] } {
  const { held: before, untold: _, toldAt: __, incidentId: ___, ...rest } = record;
  const isOver = record.status === 'resolved';
  const isAsked = !isOver && news.some(({ isTold }) => isTold);
  const hold = isAsked ? holdOf?.(record) : undefined;
  const said = news.map((each) => (hold && each.isTold ? { ...each, isTold: false, whyNot: hold.why } : each));
  const held = isOver ? undefined : (hold ?? before);
  const untold = [...(kept?.untold ?? []), ...said.filter(({ isTold }) => isTold).map(({ n }) => n)];
  const fields: AlertRecord = {
    ...rest,
    ...(held && { held }),
    ...(untold.length > 0 && { untold }),
    ...(kept?.toldAt !== undefined && { toldAt: kept.toldAt }),
    ...(kept?.incidentId !== undefined && { incidentId: kept.incidentId }),
  };
  return { fields, news: said };
}
