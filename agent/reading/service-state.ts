/** What a service does: `stopped` on purpose, `failed` against it, `unknown` when nobody can tell. */
export type ServiceState = 'running' | 'stopped' | 'failed' | 'unknown';

/** One service as its manager tells it. */
export interface Service {
  /** As its manager names it, without `.service`. */
  name: string;
  /** What its maker calls it. */
  title?: string;
  state: ServiceState;
  /** No such service is known to the manager. */
  isMissing?: boolean;
  pid?: number;
  memoryBytes?: number;
  /** Processor time since it was started, seconds. */
  cpuSeconds?: number;
  restarts?: number;
  /** Its control group, below the place where they are mounted. */
  group?: string;
}

/** Asks a manager of services. */
export interface ServiceManager {
  /** Of these, in their order. */
  show(names: readonly string[]): Promise<Service[]>;
  /** All that are known here. */
  list(): Promise<Service[]>;
  /** Names that it may be asked for; those of `isServiceName` where it does not say. */
  isName?(name: string): boolean;
}

/** Names that managers give; nothing else is handed to a program. */
export const isServiceName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]{0,199}$/.test(name);
