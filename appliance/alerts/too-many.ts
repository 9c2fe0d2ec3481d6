import type { FactEvent, Hub } from '../hub.ts';

/** Rules with so many open alerts that no more are made: each is told once, as a fact, until the rules of its site change. */
export class TooMany {
  readonly #hub: Hub;
  readonly #now: () => number;
  /** Site → rules that were told. */
  readonly #told = new Map<string, Set<string>>();

  constructor(hub: Hub, now: () => number) {
    this.#hub = hub;
    this.#now = now;
  }

  tell(siteId: string, { id, title, most }: { id: string; title: string; most: number }): void {
    const told = this.#told.get(siteId) ?? new Set();
    this.#told.set(siteId, told);
    if (told.has(id)) return;
    told.add(id);
    const text = `“${title}” has ${most} open alerts, no more are made: let it be about fewer hosts or series`;
    this.#emit({ siteId, key: id, state: 'wrong', text });
  }

  /** The rules of a site were changed: what was told of them no longer holds. */
  withdraw(siteId: string): void {
    for (const key of this.#told.get(siteId) ?? [])
      this.#emit({ siteId, key, state: 'ok', text: 'The rules were changed' });
    this.#told.delete(siteId);
  }

  #emit(fact: Pick<FactEvent, 'siteId' | 'key' | 'state' | 'text'>): void {
    this.#hub.emit('fact', { ...fact, kind: 'too-many-alerts', severity: 'high', at: this.#now() });
  }
}
