import type { Hello, TopProcesses } from '../protocol/agent-link.ts';
import { INTERVAL_MS } from '../protocol/limits.ts';
import type { FailedUpdate, UpdateAnswer, Updating } from '../protocol/updates.ts';
import { type May, toldCeiling } from './ceiling.ts';
import type { Collector } from './collectors/collector.ts';
import { ConnectError, connect } from './connect.ts';
import type { Identity } from './identity.ts';
import { Link } from './link.ts';
import type { AgentLog } from './log.ts';
import { measure } from './measure.ts';
import { Membership, type MembershipOptions } from './membership.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';
import { OwnFacts } from './own-facts.ts';
import { Sender } from './sender.ts';
import type { Session } from './session.ts';
import { SPOOL_BYTES, spoolFolder } from './spool/folder.ts';
import { Replay } from './spool/replay.ts';
import type { Top } from './top/top.ts';
import type { Orders } from './update/orders.ts';
import { VERSION } from './version.ts';

export interface StartAgentOptions extends MembershipOptions {
  /** Interval that this machine insists on; else the appliance decides. */
  intervalMs?: number;
  collectors?: readonly Collector[];
  /** Of each collector id, from the agent's own file. */
  settings?: Readonly<Record<string, unknown>>;
  /** The ceiling, from the agent's own file; it only watches where there is none. */
  may?: May;
  /** How it becomes another version; absent: not at all. */
  update?: Update;
  /** The appliance has answered its hello. */
  onConnected?: () => void;
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

/** What the appliance hears of versions, and who follows its orders. */
interface Update {
  /** Absent where orders are not followed. */
  updater?: Orders;
  failed: () => FailedUpdate | undefined;
  program: string;
}

const MEASURE_EVERY_MS = 10 * 60_000;

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

const NO_ORDERS: UpdateAnswer = {
  ok: false,
  reason: 'This agent takes no orders to update: it comes with its appliance, or is on trial itself',
};

class Agent {
  readonly #options: StartAgentOptions;
  readonly #stopped = new AbortController();
  readonly #membership: Membership;
  readonly #monitor: Monitor;
  readonly #link: Link;
  readonly #facts: OwnFacts;
  #session: Session | undefined;
  #sender: Sender | undefined;
  #top: Top | undefined;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(options: StartAgentOptions) {
    this.#options = options;
    this.#membership = new Membership(options, this.#stopped.signal);
    const { machineId } = options;
    this.#facts = new OwnFacts(machineId === undefined ? {} : { machineId });
    this.#monitor = this.#newMonitor();
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
    const { log, intervalMs = INTERVAL_MS.default, collectors, settings, spool } = this.#options;
    return new Monitor({
      log,
      intervalMs,
      ...(collectors && { collectors }),
      ...(settings && { settings }),
      ...(spool && { spool }),
      onFrame: () => {
        this.#sender?.kick();
        this.#options.onFrame?.();
        if (performance.now() - this.#measuredAt > MEASURE_EVERY_MS) {
          this.#measure();
          this.#tellFacts();
        }
      },
      onWatch: (sample) => {
        if (this.#sender?.isCurrent) this.#session?.watch(sample);
      },
      onClockSet: () => this.#measure(),
    });
  }

  #newLink(): Link {
    const { log, hub, mdns } = this.#options;
    const membership = this.#membership;
    return new Link({
      log,
      identity: () => membership.identity,
      onSession: (session, url) => this.#serve(session, url),
      onReached: (url) => membership.keepUrl(url),
      onRefused: ({ code }) => membership.renew(code),
      ...(hub !== undefined && { hub }),
      ...(mdns && { find: (identity, signal) => lookAround(identity, { log, signal }) }),
    });
  }

  /** One connection, from hello to its end. */
  async #serve(session: Session, url: string): Promise<void> {
    const { intervalMs, log } = this.#options;
    const { spool, series, clock } = this.#monitor;
    session.onWatch((lease) => this.#monitor.watch(lease));
    const { wishes } = this.#monitor;
    session.onServices((services) => wishes.expect(services));
    session.onProcesses(() => this.#askTop());
    session.onAudit(async (asked) => (await import('./audit.ts')).audit(asked));
    session.onInterval((told) => this.#monitor.setInterval(intervalMs ?? told));
    this.#takeOrders(session);
    await measure(session, clock, 5);
    this.#measuredAt = performance.now();
    const facts = await this.#facts.first(url);
    const may = toldCeiling(this.#options.may ?? {});
    const said = { agentVersion: VERSION, facts, may, ...this.#ofVersions() };
    const told = await session.hello({ ...said, ...(intervalMs !== undefined && { intervalMs }) });
    this.#options.onConnected?.();
    this.#monitor.setInterval(intervalMs ?? told.intervalMs);
    wishes.expect(told.services ?? []);
    this.#tellFound(session);
    this.#session = session;
    spool.belongTo(this.#membership.identity.agentId);
    spool.turn();
    const { current: outbox } = spool;
    const onHold = (holdMs: number) => spool.expectHold(holdMs);
    this.#sender = new Sender({ session, stream: outbox.stream, outbox, series, clock, log, onHold });
    await this.#sender.start();
    new Replay({ session, spool, log }).start();
  }

  #ofVersions(): Partial<Pick<Hello, 'program' | 'failedUpdate'>> {
    const { program, failed } = this.#options.update ?? {};
    const failedUpdate = failed?.();
    return { ...(program !== undefined && { program }), ...(failedUpdate && { failedUpdate }) };
  }

  #takeOrders(session: Session): void {
    const { updater } = this.#options.update ?? {};
    const { identity } = this.#membership;
    const [url = ''] = identity.urls;
    const sender = { identity, url, tell: (message: Updating) => session.updating(message) };
    session.onUpdate(async (order) => updater?.take(order, sender) ?? NO_ORDERS);
  }

  /** An appliance that has just come knows nothing of what was found before. */
  #tellFound(session: Session): void {
    const { wishes } = this.#monitor;
    const tell = () => session.isOpen && session.found({ services: [...wishes.found] });
    wishes.onFound(tell);
    if (wishes.found.length > 0) tell();
  }

  /** What it takes is loaded when somebody looks for the first time. */
  async #askTop(): Promise<TopProcesses> {
    if (!this.#top) {
      const { openTop } = await import('./top/open.ts');
      this.#top ??= openTop();
    }
    return this.#top.ask();
  }

  #tellFacts(): void {
    const facts = this.#session?.isOpen ? this.#facts.news() : undefined;
    if (facts) this.#session?.facts(facts);
  }

  #measure(): void {
    this.#measuredAt = performance.now();
    const { clock } = this.#monitor;
    if (!this.#session?.isOpen) return;
    measure(this.#session, clock, 3).then(
      (isChanged) => {
        if (isChanged) this.#options.log.info({ offsetMs: clock.offsetMs }, 'this clock differs from the appliance’s');
      },
      () => undefined,
    );
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
