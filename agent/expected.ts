/** A service that a person wants to run on this host. */
export interface ExpectedService {
  name: string;
  isCritical: boolean;
}

/** A service that was found on this machine. */
export interface FoundService {
  name: string;
  title?: string;
  state: 'running' | 'stopped' | 'failed' | 'unknown';
}

/** What the appliance wants to know of this machine, and what the machine has to tell beside numbers; both sides may change at any time. */
export class Wishes {
  #services: readonly ExpectedService[] = [];
  #found: readonly FoundService[] = [];
  #onFound: () => unknown = () => undefined;

  get services(): readonly ExpectedService[] {
    return this.#services;
  }

  /** A person has said which services belong here. */
  expect(services: readonly ExpectedService[]): void {
    this.#services = services;
  }

  /** The services found last. */
  get found(): readonly FoundService[] {
    return this.#found;
  }

  /** The machine's services were looked at; told on when they are others than before. */
  tell(found: readonly FoundService[]): void {
    if (JSON.stringify(found) === JSON.stringify(this.#found)) return;
    this.#found = found;
    this.#onFound();
  }

  /** One listener, the newest. */
  onFound(listener: () => unknown): void {
    this.#onFound = listener;
  }
}
