import type { Collection, Document, Kind } from './documents.ts';

/** The kinds of a store, each opened once; one that could not be opened is tried again when it is asked for. */
export class OpenedKinds {
  readonly #open: <T extends Document>(kind: Kind<T>) => Promise<Collection<T>>;
  readonly #kinds = new Map<string, Kind<never>>();
  readonly #collections = new Map<string, Promise<Collection<never>>>();

  constructor(open: <T extends Document>(kind: Kind<T>) => Promise<Collection<T>>) {
    this.#open = open;
  }

  /** Throws when the name of the kind cannot be one: it becomes a file name, and a part of statements. */
  collection<T extends Document>(kind: Kind<T>): Promise<Collection<T>> {
    if (!/^[a-z][a-z0-9-]{0,40}$/.test(kind.name)) throw new TypeError(`"${kind.name}" cannot be a kind’s name`);
    const opened = (this.#collections.get(kind.name) as Promise<Collection<T>> | undefined) ?? this.#open(kind);
    this.#kinds.set(kind.name, kind as unknown as Kind<never>);
    this.#collections.set(kind.name, opened as unknown as Promise<Collection<never>>);
    opened.catch(() => this.#collections.delete(kind.name));
    return opened;
  }

  all(): readonly Kind<never>[] {
    return [...this.#kinds.values()];
  }

  /** Resolves when none is being opened any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#collections.values());
  }
}
