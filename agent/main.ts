import { INTERVAL_MS } from '../protocol/limits.ts';
import type { Collector } from './collectors/collector.ts';
import { ConnectError, connect } from './connect.ts';
import { Conversation, type ConversationOptions } from './conversation.ts';
import type { Identity } from './identity.ts';
import { Link } from './link.ts';
import type { AgentLog } from './log.ts';
import { Membership, type MembershipOptions } from './membership.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';
import { SPOOL_BYTES, spoolFolder } from './spool/folder.ts';

export interface StartAgentOptions
  extends MembershipOptions,
    Pick<ConversationOptions, 'intervalMs' | 'may' | 'update' | 'onConnected'> {
  collectors?: readonly Collector[];
  /** Of each collector id, from the agent's own file. */
  settings?: Readonly<Record<string, unknown>>;
  /** A frame was read: for what is looked at now and then, without a timer that would wake the machine. */
  onFrame?: () => void;
  /** Room for frames on disk, 64 MB by default; 0 = they are kept in memory only. */
  spoolBytes?: number;
  /** When frames go to disk; for tests that cannot wait. */
  spool?: MonitorOptions['spool'];
}

export interface RunningAgent {
  /** Says goodbye and ends; resolves when nothing is left. */
  stop(): Promise<void>;
  /** Resolves with the reason when the agent cannot go on by itself: its token is refused, say. */
  failed: Promise<Error>;
}

/**
 * Starts an agent: pairs it if need be, then reads this machine and tells its appliance until `stop`. Throws `StateBusy` when
 * another agent uses the state folder, and `IdentityError` when what is in it cannot be used.
 */
export async function startAgent(options: StartAgentOptions): Promise<RunningAgent> {
  const agent = new Agent(options);
  const failed = new Promise<Error>((resolve) => {
    agent.run().catch((error: unknown) => resolve(error instanceof Error ? error : new Error(String(error))));
  });
  return { failed, stop: () => agent.stop() };
}

class Agent {
  readonly #options: StartAgentOptions;
  readonly #stopped = new AbortController();
  readonly #membership: Membership;
  readonly #monitor: Monitor;
  readonly #conversation: Conversation;
  readonly #link: Link;

  constructor(options: StartAgentOptions) {
    this.#options = options;
    const membership = new Membership(options, this.#stopped.signal);
    this.#membership = membership;
    this.#monitor = this.#newMonitor();
    this.#conversation = new Conversation({ ...options, membership, monitor: this.#monitor });
    this.#link = this.#newLink();
  }

  async run(): Promise<void> {
    await this.#membership.obtain();
    if (this.#stopped.signal.aborted) return;
    const { stateDir, spoolBytes: mostBytes = SPOOL_BYTES } = this.#options;
    const { agentId: owner } = this.#membership.identity;
    this.#monitor.spool.open({ dir: spoolFolder(stateDir), mostBytes, owner });
    this.#monitor.start();
    this.#link.start();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#monitor.stop();
    await this.#link.stop();
    await this.#monitor.spool.close();
    this.#membership.release();
  }

  #newMonitor(): Monitor {
    const { log, intervalMs = INTERVAL_MS.default, collectors, settings, spool, onFrame } = this.#options;
    return new Monitor({
      log,
      intervalMs,
      ...(collectors && { collectors }),
      ...(settings && { settings }),
      ...(spool && { spool }),
      onFrame: () => {
        this.#conversation.frame();
        onFrame?.();
      },
      onWatch: (sample) => this.#conversation.watch(sample),
      onClockSet: () => this.#conversation.measure(),
    });
  }

  #newLink(): Link {
    const { log, hub, mdns } = this.#options;
    const membership = this.#membership;
    return new Link({
      log,
      identity: () => membership.identity,
      onSession: (session, url) => this.#conversation.begin(session, url),
      onReached: (url) => membership.keepUrl(url),
      onRefused: ({ code }) => membership.renew(code),
      ...(hub !== undefined && { hub }),
      ...(mdns && { find: (identity, signal) => lookAround(identity, { log, signal }) }),
    });
  }
}

/** Looks for the paired appliance on the LAN and connects to it there. */
async function lookAround(identity: Identity, { log, signal }: { log: AgentLog; signal: AbortSignal }) {
  const { findAgain } = await import('./joining.ts');
  const tryAt = (url: string) =>
    connect(url, identity).then(
      (session) => ({ session, url }),
      (error: unknown) => {
        // Only the right one can refuse: no use to look for another.
        if (error instanceof ConnectError && error.refusal) return error;
        throw error;
      },
    );
  const found = await findAgain(identity.applianceId, { log, signal, tryAt });
  if (found instanceof ConnectError) throw found;
  return found;
}
