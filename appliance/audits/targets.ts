import type { AuditTarget } from '../../protocol/audits.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { HostKey } from '../ssh-place.ts';
import { type Collection, ConflictError, type DocumentStore } from '../store/documents.ts';
import { type TargetRecord, targetRecords } from './documents.ts';

/** What people say of a target. */
export type TargetFields = Pick<
  TargetRecord,
  'name' | 'via' | 'address' | 'port' | 'user' | 'keyId' | 'throughId' | 'elevate' | 'hostId' | 'schedule'
>;

const MOST = 500;

/** What is audited. Kept in memory too: there are at most some hundred. */
export class Targets {
  readonly #records: Collection<TargetRecord>;
  readonly #now: () => number;
  readonly #known = new Map<string, TargetRecord>();
  /** Writes wait for each other, so that none is made of what another has just replaced. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(records: Collection<TargetRecord>, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  static async open(documents: DocumentStore, now: () => number): Promise<Targets> {
    const targets = new Targets(await documents.collection(targetRecords), now);
    for (const record of await targets.#records.find()) targets.#known.set(record.id, record);
    return targets;
  }

  /** Oldest first. */
  of(siteId: string): TargetRecord[] {
    return this.all().filter((target) => target.siteId === siteId);
  }

  all(): TargetRecord[] {
    return [...this.#known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: string): TargetRecord | undefined {
    return this.#known.get(id);
  }

  /** Fails with `not-found` also for a target of another site. */
  need(siteId: string, id: string): TargetRecord {
    const record = this.#known.get(id);
    if (record?.siteId !== siteId) throw new Problem('not-found', 'There is no such target of audits');
    return record;
  }

  /** Fails with the field where its name is taken, or what it goes through is not there. */
  add(siteId: string, fields: TargetFields): Promise<TargetRecord> {
    return this.#inTurn(async () => {
      if (this.of(siteId).length >= MOST)
        throw new Problem('invalid-request', `A site has at most ${MOST} targets of audits`);
      this.#check(siteId, fields);
      const now = this.#now();
      const record = await this.#records.insert({ id: newId(now), siteId, ...fields, failures: 0, createdAt: now });
      this.#known.set(record.id, record);
      return record;
    });
  }

  /** `change` is made of the target as it is then. Fails with `not-found` where it is gone. */
  change(id: string, change: (target: TargetRecord) => TargetRecord): Promise<TargetRecord> {
    return this.#inTurn(async () => {
      const before = this.#known.get(id);
      if (!before) throw new Problem('not-found', 'There is no such target of audits');
      const wanted = change(before);
      if (wanted.name !== before.name || wanted.throughId !== before.throughId) this.#check(before.siteId, wanted, id);
      try {
        const record = await this.#records.update(wanted);
        this.#known.set(id, record);
        return record;
      } catch (error) {
        if (error instanceof ConflictError)
          throw new Problem('conflict', 'This target was changed elsewhere: load it again');
        throw error;
      }
    });
  }

  /** A host key was shown that nobody has accepted. */
  show(id: string, { type, sha256 }: HostKey): Promise<TargetRecord> {
    return this.change(id, (target) =>
      target.pending?.sha256 === sha256 ? target : { ...target, pending: { type, sha256, seenAt: this.#now() } },
    );
  }

  /** Takes exactly the key that was shown. */
  accept(id: string, sha256: string, by: string): Promise<TargetRecord> {
    return this.change(id, (target) => {
      const { pending, ...rest } = target;
      if (pending?.sha256 !== sha256)
        throw new Problem('conflict', 'The host shows another key by now: look at that one and compare it');
      const { type } = pending;
      return { ...rest, pin: { type, sha256, acceptedAt: this.#now(), acceptedBy: by } };
    });
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#records.remove(id);
      this.#known.delete(id);
    });
  }

  #check(siteId: string, { name, throughId }: Pick<TargetFields, 'name' | 'throughId'>, own?: string): void {
    if (this.of(siteId).some((each) => each.name === name && each.id !== own))
      throw new Problem('invalid-request', `There is a target “${name}” already`, [
        { path: 'body.name', message: 'it is taken: choose another name' },
      ]);
    for (let at = throughId, depth = 0; at !== undefined; depth++) {
      const jump = this.#known.get(at);
      const isWrong = jump?.siteId !== siteId || jump.via !== 'ssh' || at === own || depth > 2;
      if (isWrong)
        throw new Problem('invalid-request', 'It cannot go through that target', [
          { path: 'body.throughId', message: 'choose another target that is reached over SSH, at most three in a row' },
        ]);
      at = jump?.throughId;
    }
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

export const asTarget = ({ siteId: _, ...target }: TargetRecord): Omit<AuditTarget, 'last'> => target;

/** `root@192.168.1.5:22`, or the agent. */
export const placeText = ({ via, user = '', address = '', port = 22 }: TargetRecord): string =>
  via === 'agent' ? 'by its agent' : `${user}@${address}:${port}`;
