import type { Collection } from '../../store/documents.ts';
import { type Flaw, isSame, macOf, type Place } from './chain.ts';
import { type Mark, WHOLE_APPLIANCE } from './documents.ts';
import type { TrailKeys } from './keys.ts';

const MEANING = { head: 'the newest entry', anchor: 'what was pruned' } as const;

/** Where the chain ends (`head`), or where pruning cut it (`anchor`): one mark of each, which nobody without the key can move. */
export class Marks {
  readonly #kind: 'head' | 'anchor';
  readonly #marks: Collection<Mark>;
  readonly #keys: TrailKeys;
  readonly #now: () => number;

  constructor(kind: 'head' | 'anchor', marks: Collection<Mark>, { keys, now }: { keys: TrailKeys; now: () => number }) {
    this.#kind = kind;
    this.#marks = marks;
    this.#keys = keys;
    this.#now = now;
  }

  async save({ seq, hash }: Place): Promise<void> {
    const kind = this.#kind;
    const at = this.#now();
    const key = this.#keys.of(seq + 1);
    const mac = key ? macOf(key, kind, { seq, hash, at }) : '';
    const mark = { id: kind, siteId: WHOLE_APPLIANCE, seq, hash, at, mac };
    await ((await this.#marks.get(kind)) ? this.#marks.update(mark) : this.#marks.insert(mark));
  }

  /** The saved place. One whose key is gone is believed; one that somebody changed is a flaw. */
  async read(): Promise<{ place?: Place; flaw?: Flaw }> {
    const kind = this.#kind;
    const mark = await this.#marks.get(kind);
    if (!mark) return {};
    const { seq, hash } = mark;
    // Where a new key began behind this place, either may have made it.
    const keys = [...(seq > 0 ? [this.#keys.of(seq)] : []), this.#keys.of(seq + 1)];
    if (keys.some((key) => !key || isSame(macOf(key, kind, mark), mark.mac))) return { place: { seq, hash } };
    return { flaw: { seq, text: `the mark of ${MEANING[kind]} was changed` } };
  }
}
