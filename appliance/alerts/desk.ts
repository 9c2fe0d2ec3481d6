import type { Alert, Hold, Transition } from '../../protocol/alerts.ts';
import type { AlertBook } from './book.ts';
import { type AlertRecord, asAlert } from './documents.ts';

/** One transition of an alert. */
export interface Said {
  alert: Alert;
  transition: Transition;
}

/** What those who tell of alerts ask of the book, and put on record in it. */
export class TellingDesk {
  readonly #book: AlertBook;
  readonly #now: () => number;

  constructor(book: AlertBook, now: () => number) {
    this.#book = book;
    this.#now = now;
  }

  /** Every alert that is not over. */
  open(): Alert[] {
    return this.#book
      .all()
      .filter(({ status }) => status !== 'resolved')
      .map(asAlert);
  }

  /** What is to be told and is not yet on its way, oldest first. */
  untold(): Said[] {
    const said = this.#book.untold().flatMap((record) => {
      const alert = asAlert(record);
      return record.transitions
        .filter(({ n }) => record.untold?.includes(n))
        .map((transition) => ({ alert, transition }));
    });
    return said.sort((a, b) => a.transition.at - b.transition.at);
  }

  /** Transitions are on their way, or would be if there were one: `why` says why nobody gets them. */
  told(
    alertId: string,
    ns: readonly number[],
    { at, incidentId, why }: { at: number; incidentId: string; why?: string },
  ): void {
    this.#book.amend(alertId, (record) => {
      const mine = record.transitions.filter(({ n }) => ns.includes(n));
      const isBegin = mine.some(({ kind }) => kind !== 'resolved');
      const isAnew = record.toldAt === undefined || mine.some(({ kind }) => kind === 'woken');
      return {
        ...without(record, ns),
        ...(isBegin && isAnew && { toldAt: at }),
        ...(isBegin && record.incidentId === undefined && { incidentId }),
        ...(why !== undefined && { transitions: marked(record, ns, { whyNot: why }) }),
      };
    });
  }

  /** Transitions that were to be told are not after all; with what keeps the alert quiet, where something does. */
  keepQuiet(
    alertId: string,
    ns: readonly number[],
    { whyNot, hold }: { whyNot: string; hold?: Hold | undefined },
  ): void {
    this.#book.amend(alertId, (record) => ({
      ...without(record, ns),
      transitions: marked(record, ns, { isTold: false, whyNot }),
      ...(hold && record.status !== 'resolved' && { held: hold }),
    }));
  }

  /** Something else keeps an alert quiet now. */
  hold(alertId: string, hold: Hold): void {
    const record = this.#book.current(alertId);
    if (!record || record.status === 'resolved') return;
    const text = `Nobody is told for now: ${hold.why}`;
    this.#book.put({ ...record, held: hold }, [
      { at: this.#now(), kind: 'held', text, isTold: false, whyNot: hold.why },
    ]);
  }

  /** Nothing keeps an alert quiet any more; it is told, unless somebody looks after it or wants quiet. */
  release(alertId: string): void {
    const record = this.#book.current(alertId);
    if (!record?.held || record.status === 'resolved') return;
    const { held, ...rest } = record;
    const text = `It is still so: ${record.reason} (nobody was told before: ${held.why})`;
    const whyNot = quietBy(record);
    const spoken = whyNot === undefined ? { isTold: true } : { isTold: false, whyNot };
    this.#book.put(rest, [{ at: this.#now(), kind: 'released', text, ...spoken }]);
  }
}

function quietBy({ status, snoozedUntil, coveredBy }: AlertRecord): string | undefined {
  if (status === 'acknowledged') return 'somebody looks after it';
  if (coveredBy !== undefined) return 'a worse alert is open on the same';
  return snoozedUntil === undefined ? undefined : 'it is snoozed';
}

function without({ untold = [], ...rest }: AlertRecord, ns: readonly number[]): AlertRecord {
  const left = untold.filter((n) => !ns.includes(n));
  return left.length > 0 ? { ...rest, untold: left } : rest;
}

const marked = ({ transitions }: AlertRecord, ns: readonly number[], mark: Partial<Transition>): Transition[] =>
  transitions.map((each) => (ns.includes(each.n) ? { ...each, ...mark } : each));
