import type { Descriptor } from '../../protocol/metrics.ts';
import type { Connection } from './connection.ts';
import { Observable } from './observable.ts';

/** What every metric of the site is; loaded once and kept up to date by events. */
export class Descriptors extends Observable {
  readonly #byId = new Map<string, Descriptor>();
  readonly #load: () => Promise<Descriptor[]>;
  #loading: Promise<void> | undefined;

  constructor(connection: Connection, load: () => Promise<Descriptor[]>) {
    super();
    this.#load = load;
    connection.on('descriptors', (descriptors) => this.#take(descriptors));
    connection.onConnect(() => void this.reload().catch(() => undefined));
  }

  /** Every metric that the site knows, as they came. */
  get all(): Descriptor[] {
    return [...this.#byId.values()];
  }

  get(metric: string): Descriptor | undefined {
    return this.#byId.get(metric);
  }

  /** Waits for the first load; rejects when it fails, and the next call tries again. */
  ready(): Promise<void> {
    this.#loading ??= this.reload();
    return this.#loading;
  }

  async reload(): Promise<void> {
    this.#loading = this.#load().then((descriptors) => this.#take(descriptors));
    this.#loading.catch(() => {
      this.#loading = undefined;
    });
    await this.#loading;
  }

  #take(descriptors: Descriptor[]): void {
    for (const descriptor of descriptors) this.#byId.set(descriptor.id, descriptor);
    this.changed();
  }
}
