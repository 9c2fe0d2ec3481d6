import type { Alert, Transition } from '../protocol/alerts.ts';
import type { AuditSummary } from '../protocol/audits.ts';
import type { Host } from '../protocol/hosts.ts';
import type { JobRun } from '../protocol/jobs.ts';
import type { LiveSeries } from '../protocol/live.ts';
import type { Descriptor } from '../protocol/metrics.ts';

/** All values of one host at one moment, as the rest of the appliance hears of it. `values[i]` belongs to `series[i]`. */
export interface FrameEvent {
  siteId: string;
  hostId: string;
  /** Moment of reading in appliance time, epoch ms. */
  at: number;
  receivedAt: number;
  /** Back-filled: stored and judged as late, never shown as "now". */
  late: boolean;
  grade: 'durable' | 'watch';
  /** The series objects are shared between frames: compare by identity, never change them. */
  series: readonly LiveSeries[];
  values: readonly (number | null)[];
  /** What was added to the host's own clock for `at`; absent where nobody measured it. */
  offsetMs?: number;
  /** A plug or other meter says it of the host: values like any other, but no sign that the host is up. */
  isAside?: boolean;
}

/** Something that is so, or no longer so, about a host or site: drift, a service, a job, a certificate. */
export interface FactEvent {
  siteId: string;
  hostId?: string;
  kind: string;
  /** What it is about; one fact per kind and key. */
  key: string;
  state: 'ok' | 'wrong' | 'unknown';
  severity: 'critical' | 'high' | 'medium' | 'low';
  text: string;
  at: number;
  /** State of the action about it: `Restart plex: waiting for approval`, `Restart plex: completed`. */
  action?: string;
  /** What is behind it most likely, in the order in which one looks. */
  causes?: readonly string[];
}

/** Something that somebody did. Secrets are masked by the trail, but are better not handed in. */
export interface AuditEvent {
  at: number;
  /** Absent where it belongs to no site but to the appliance. */
  siteId?: string;
  /** User or key by name, or `agent`, `appliance`, `console`. */
  who: string;
  /** Address of the client, empty for what came from inside. */
  from: string;
  /** Id of the route, or a word of the same form: `hosts.edit`, `agent.paired`. */
  what: string;
  detail: Record<string, unknown>;
  /** What was changed, as it was and as it is. */
  before?: unknown;
  after?: unknown;
}

/** Every event inside the appliance. Features meet here and nowhere else. */
export interface Events {
  frame: FrameEvent;
  /** `before` is absent for a new host, `after` for a removed one. */
  host: { before?: Host; after?: Host };
  fact: FactEvent;
  /** Something happened to an alert, and is on record. Alert id and `transition.n` name it for good; `isTold` says whether people want to know. */
  alert: { alert: Alert; transition: Transition };
  /** People are to be told of this, together: the first or the further message of one incident. Each transition comes here once, and again until it is `told`. */
  telling: { siteId: string; incidentId: string; items: readonly { alert: Alert; transition: Transition }[] };
  /** These transitions are on their way for certain; `why` says why nobody gets one. */
  told: { siteId: string; incidentId: string; items: readonly { alertId: string; n: number; why?: string }[] };
  /** What is broken, but not for long enough to be an alert, is another than before. */
  pending: { siteId: string };
  /** A message to a channel of the site was put on its way, or something became of it. */
  deliveries: { siteId: string };
  /** A site learnt of a metric, or one changed. */
  descriptors: { siteId: string; descriptors: Descriptor[] };
  /** A host has series that were not known before. */
  series: { siteId: string; hostId: string; series: LiveSeries[] };
  /** An agent's session began or ended. */
  session: { siteId: string; hostId: string; agentId: string; state: 'open' | 'closed'; at: number; reason: string };
  /** A run of a job began, went on or ended. */
  job: { run: JobRun };
  /** A site was made, renamed or removed; `before` is absent for a new one, `after` for one that is gone. */
  site: { before?: { id: string; name: string }; after?: { id: string; name: string } };
  /** People changed a section of settings of a site (or `appliance`); it is durable. Secrets are `{set: …}`: who works with them asks the settings. */
  settings: { section: string; siteId: string; before: unknown; after: unknown };
  /** An audit of a host began, went on to another section, or ended and is on record. */
  auditing: { siteId: string; audit: AuditSummary };
  /** Who did what; kept by the audit trail. */
  audit: AuditEvent;
}

type Listener<E extends keyof Events> = (event: Events[E]) => void | Promise<void>;

/** A typed event bus on which one listener's failure never reaches another, nor the one who emits. */
export class Hub {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #onError: (event: string, error: unknown) => void;

  constructor(onError: (event: string, error: unknown) => void) {
    this.#onError = onError;
  }

  /** Calls `listener` for every later event of that name; the answer takes it off again. */
  on<E extends keyof Events>(name: E, listener: Listener<E>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as Listener<never>);
    return () => void listeners.delete(listener as Listener<never>);
  }

  /** Calls every listener in the order they came; synchronous parts have run when it returns. */
  emit<E extends keyof Events>(name: E, event: Events[E]): void {
    for (const listener of this.#listeners.get(name) ?? []) this.#call(name, listener as Listener<E>, event);
  }

  #call<E extends keyof Events>(name: E, listener: Listener<E>, event: Events[E]): void {
    try {
      const running = listener(event);
      if (running instanceof Promise) running.catch((error) => this.#onError(name, error));
    } catch (error) {
      this.#onError(name, error);
    }
  }
}
