import { Problem } from '../problem.ts';
import type { Session } from '../session.ts';
import type { AlertBook, NewTransition } from './book.ts';
import type { AlertRecord } from './documents.ts';

export interface ActionParts {
  book: AlertBook;
  now: () => number;
  /** Tells the engine that an alert is over; says whether it has to be clear before it may fire again. */
  resolve(record: AlertRecord): boolean;
}

interface Doing {
  session: Session;
  alertId: string;
  comment?: string | undefined;
}

const MINUTE = 60_000;

/** What people do with alerts of their site. */
export class Actions {
  readonly #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  /** The alert, if the session may see it; that of another site is as absent as one that never was. */
  async read({ siteId }: Session, alertId: string): Promise<AlertRecord> {
    const record = await this.#parts.book.get(alertId);
    if (!record || record.siteId !== siteId) throw new Problem('not-found', 'There is no such alert');
    return record;
  }

  async acknowledge(doing: Doing): Promise<AlertRecord> {
    const record = await this.#active(doing);
    const { now, book } = this.#parts;
    const by = doing.session.userName;
    const taken: AlertRecord = { ...record, status: 'acknowledged', acknowledgedAt: now(), acknowledgedBy: by };
    return book.put(taken, [this.#said('acknowledged', doing, 'Somebody looks after it')]);
  }

  async resolve(doing: Doing): Promise<AlertRecord> {
    const record = await this.#active(doing);
    const { now, book, resolve } = this.#parts;
    const { heldUntil: _, snoozedUntil: __, ...rest } = record;
    const over: AlertRecord = {
      ...rest,
      status: 'resolved',
      resolvedAt: now(),
      isStale: false,
      awaitsClear: resolve(record),
    };
    const wasTold = record.transitions.some(({ isTold }) => isTold);
    const told = wasTold ? { isTold: true } : { whyNot: 'nobody was told that it fired' };
    const said = this.#said('resolved', doing, 'Ended by hand; it may fire again once it has been clear');
    return book.put(over, [{ ...said, ...told }]);
  }

  async comment(doing: Doing & { comment: string }): Promise<AlertRecord> {
    const record = await this.read(doing.session, doing.alertId);
    return this.#parts.book.put(record, [this.#said('commented', doing, '')]);
  }

  /** 0 minutes end a snooze. */
  async snooze(doing: Doing & { minutes: number }): Promise<AlertRecord> {
    const { snoozedUntil: _, ...record } = await this.#active(doing);
    const { now, book } = this.#parts;
    if (doing.minutes === 0) return book.put(record, [this.#said('snoozed', doing, 'The snooze was ended')]);
    const snoozed: AlertRecord = { ...record, snoozedUntil: now() + doing.minutes * MINUTE };
    return book.put(snoozed, [this.#said('snoozed', doing, `Quiet for ${doing.minutes} min`)]);
  }

  async #active({ session, alertId }: Doing): Promise<AlertRecord> {
    const record = await this.read(session, alertId);
    if (record.status === 'resolved') throw new Problem('conflict', 'This alert is over already');
    return record;
  }

  #said(kind: NewTransition['kind'], { session, comment = '' }: Doing, text: string): NewTransition {
    const words = [text, comment].filter((each) => each !== '').join(': ');
    return { at: this.#parts.now(), kind, text: words, by: session.userName, isTold: false, whyNot: 'a person did it' };
  }
}
