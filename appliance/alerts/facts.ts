import { createHash } from 'node:crypto';
import type { FactEvent } from '../hub.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type FactRecord, factRecords } from './documents.ts';

/** What is wrong now, as other parts of the appliance found it; kept, so that a restart forgets nothing. */
export class Facts {
  readonly #records: Collection<FactRecord>;
  readonly #onError: (error: unknown) => void;
  readonly #wrong = new Map<string, Omit<FactRecord, 'rev'>>();
  #written: Promise<void> = Promise.resolve();

  private constructor(records: Collection<FactRecord>, onError: (error: unknown) => void) {
    this.#records = records;
    this.#onError = onError;
  }

  static async open(documents: DocumentStore, onError: (error: unknown) => void): Promise<Facts> {
    const facts = new Facts(await documents.collection(factRecords), onError);
    for (const record of await facts.#records.find()) facts.#wrong.set(record.id, record);
    return facts;
  }

  /** Every fact that is wrong now. */
  wrong(): Omit<FactRecord, 'rev'>[] {
    return [...this.#wrong.values()];
  }

  /** Takes what was found in the site that it belongs to; what nobody knows changes nothing. */
  take(siteId: string, { hostId, kind, key, state, severity, text, at }: FactEvent): void {
    if (state === 'unknown') return;
    const id = createHash('sha256')
      .update(JSON.stringify([siteId, hostId, kind, key]))
      .digest('base64url');
    const before = this.#wrong.get(id);
    if (state === 'ok') {
      if (before) this.#forget(id);
      return;
    }
    if (before?.text === text && before.severity === severity) return;
    const record = {
      id,
      siteId,
      kind,
      key,
      severity,
      text,
      at: before?.at ?? at,
      ...(hostId !== undefined && { hostId }),
    };
    this.#wrong.set(id, record);
    this.#write(() => (before ? this.#records.update(record) : this.#records.insert(record)));
  }

  /** Takes away what was found about a host that is gone. */
  forgetHost(hostId: string): void {
    for (const [id, record] of this.#wrong) if (record.hostId === hostId) this.#forget(id);
  }

  /** Resolves when everything is written, or could not be. */
  settled(): Promise<void> {
    return this.#written;
  }

  #forget(id: string): void {
    this.#wrong.delete(id);
    this.#write(() => this.#records.remove(id));
  }

  #write(work: () => Promise<unknown>): void {
    this.#written = this.#written.then(work).then(
      () => undefined,
      (error: unknown) => this.#onError(error),
    );
  }
}
