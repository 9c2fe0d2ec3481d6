import type { Waiver } from '../../protocol/audits.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { checks } from './checks/index.ts';
import { type WaiverRecord, waiverRecords } from './documents.ts';

/** Findings that somebody lives with. */
export class Waivers {
  readonly #records: Collection<WaiverRecord>;
  readonly #now: () => number;

  private constructor(records: Collection<WaiverRecord>, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  static async open(documents: DocumentStore, now: () => number): Promise<Waivers> {
    return new Waivers(await documents.collection(waiverRecords), now);
  }

  /** Also those that are over. */
  of(targetId: string): Promise<WaiverRecord[]> {
    return this.#records.find({ targetId }, { sort: { by: 'id', order: 'up' } });
  }

  /** Takes the place of one for the same check. Fails with the field where the check is not known, or the end is over. */
  async add(
    target: { id: string; siteId: string },
    given: { checkId: string; reason: string; expiresAt?: number | undefined; by: string },
  ): Promise<WaiverRecord> {
    const { checkId, reason, expiresAt, by } = given;
    const at = this.#now();
    if (!checks.some(({ id }) => id === checkId)) throw wrong('checkId', `there is no check ${checkId}`);
    if (expiresAt !== undefined && expiresAt <= at) throw wrong('expiresAt', 'choose a time to come');
    for (const former of await this.of(target.id))
      if (former.checkId === checkId) await this.#records.remove(former.id);
    const ends = expiresAt !== undefined && { expiresAt };
    return this.#records.insert({
      id: newId(at),
      siteId: target.siteId,
      targetId: target.id,
      checkId,
      reason,
      by,
      at,
      ...ends,
    });
  }

  /** Fails with `not-found` also for a waiver of another site. */
  async need(siteId: string, id: string): Promise<WaiverRecord> {
    const record = await this.#records.get(id);
    if (record?.siteId !== siteId) throw new Problem('not-found', 'There is no such waiver');
    return record;
  }

  async remove(id: string): Promise<void> {
    await this.#records.remove(id);
  }

  async forgetTarget(targetId: string): Promise<void> {
    for (const { id } of await this.of(targetId)) await this.#records.remove(id);
  }
}

const wrong = (field: string, message: string): Problem =>
  new Problem('invalid-request', message, [{ path: `body.${field}`, message }]);

export const asWaiver = ({ siteId: _, rev: __, ...waiver }: WaiverRecord, title: string): Waiver => ({
  ...waiver,
  title,
});
