import type { AuditSummary } from '../../protocol/audits.ts';
import type { Connection } from './connection.ts';
import { Observable } from './observable.ts';

/**
 * The audits of the session's site that run now, and how far they are. Asked for while somebody listens, and anew after each
 * reconnect; an audit that ended while the link was broken is told as ended then.
 */
export class AuditStore extends Observable {
  readonly #connection: Connection;
  readonly #ended = new Set<(targetId: string) => void>();
  #running = new Map<string, AuditSummary>();
  #release: (() => void)[] = [];

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
  }

  /** The audit of a target that runs now. */
  of(targetId: string): AuditSummary | undefined {
    return this.#running.get(targetId);
  }

  /** The audit as it is by now: what was read may be older than what was told. */
  latest(read: AuditSummary): AuditSummary {
    const running = this.#running.get(read.targetId);
    return running && running.startedAt >= read.startedAt ? running : read;
  }

  /** The same audit with how far it is, where it runs. */
  current(audit: AuditSummary): AuditSummary {
    const running = this.#running.get(audit.targetId);
    return running?.id === audit.id ? running : audit;
  }

  /** Calls `listener` when an audit of a target began or ended; the answer takes it off again. */
  onTurn(listener: (targetId: string) => void): () => void {
    this.#ended.add(listener);
    return () => void this.#ended.delete(listener);
  }

  protected override began(): void {
    this.#release = [
      this.#connection.on('audit', (audit) => this.#hear(audit)),
      this.#connection.onConnect(() => void this.#load()),
    ];
  }

  protected override ended(): void {
    for (const release of this.#release) release();
    this.#release = [];
    this.#running.clear();
  }

  async #load(): Promise<void> {
    try {
      const { running } = await this.#connection.ask('audits', {});
      const before = this.#running;
      this.#running = new Map(running.map((audit) => [audit.targetId, audit]));
      for (const [targetId, { id }] of before) if (this.#running.get(targetId)?.id !== id) this.#turn(targetId);
      this.changed();
    } catch {
      // The next connect asks again; until then what was read is shown.
    }
  }

  #hear(audit: AuditSummary): void {
    const { targetId, id, state } = audit;
    const isNew = this.#running.get(targetId)?.id !== id;
    if (state === 'running') this.#running.set(targetId, audit);
    else this.#running.delete(targetId);
    this.changed();
    if (isNew || state !== 'running') this.#turn(targetId);
  }

  #turn(targetId: string): void {
    for (const each of [...this.#ended]) each(targetId);
  }
}
