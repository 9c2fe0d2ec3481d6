import type { Hello, TopProcesses } from '../protocol/agent-link.ts';
import type { FailedUpdate, UpdateAnswer, Updating } from '../protocol/updates.ts';
import { type May, toldCeiling } from './ceiling.ts';
import type { AgentLog } from './log.ts';
import { measure } from './measure.ts';
import type { Membership } from './membership.ts';
import type { Monitor } from './monitor.ts';
import { OwnFacts } from './own-facts.ts';
import { Sender } from './sender.ts';
import type { Session } from './session.ts';
import { Replay } from './spool/replay.ts';
import type { Top } from './top/top.ts';
import type { Orders } from './update/orders.ts';
import { VERSION } from './version.ts';

/** What the appliance hears of versions, and who follows its orders. */
export interface Update {
  /** Absent where orders are not followed. */
  updater?: Orders;
  failed: () => FailedUpdate | undefined;
  program: string;
}

export interface ConversationOptions {
  log: AgentLog;
  membership: Membership;
  monitor: Monitor;
  /** Interval that this machine insists on; else the appliance decides. */
  intervalMs?: number;
  machineId?: string;
  /** The ceiling; it only watches where there is none. */
  may?: May;
  /** How it becomes another version; absent: not at all. */
  update?: Update;
  /** The appliance has answered its hello. */
  onConnected?: () => void;
}

const MEASURE_EVERY_MS = 10 * 60_000;

const NO_ORDERS: UpdateAnswer = {
  ok: false,
  reason: 'This agent takes no orders to update: it comes with its appliance, or is on trial itself',
};

/** What an agent and its appliance say to each other, over one connection after another. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #facts: OwnFacts;
  #session: Session | undefined;
  #sender: Sender | undefined;
  #top: Top | undefined;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { machineId } = options;
    this.#facts = new OwnFacts(machineId === undefined ? {} : { machineId });
  }

  /** Begins on a connection: from hello until its frames flow. */
  async begin(session: Session, url: string): Promise<void> {
    const { monitor, membership, may = {}, intervalMs, onConnected } = this.#options;
    this.#answer(session);
    await measure(session, monitor.clock, 5);
    this.#measuredAt = performance.now();
    const facts = await this.#facts.first(url);
    const said = { agentVersion: VERSION, facts, may: toldCeiling(may), ...this.#ofVersions() };
    const told = await session.hello({ ...said, ...(intervalMs !== undefined && { intervalMs }) });
    onConnected?.();
    monitor.setInterval(intervalMs ?? told.intervalMs);
    monitor.wishes.expect(told.services ?? []);
    this.#tellFound(session);
    this.#session = session;
    monitor.spool.belongTo(membership.identity.agentId);
    monitor.spool.turn();
    await this.#send(session);
  }

  /** A durable frame is in the outbox. */
  frame(): void {
    this.#sender?.kick();
    if (performance.now() - this.#measuredAt <= MEASURE_EVERY_MS) return;
    this.measure();
    this.#tellFacts();
  }

  /** A sample for those who watch. */
  watch(sample: Parameters<Session['watch']>[0]): void {
    if (this.#sender?.isCurrent) this.#session?.watch(sample);
  }

  /** Compares the clocks anew, where there is a connection. */
  measure(): void {
    this.#measuredAt = performance.now();
    const { log, monitor } = this.#options;
    if (!this.#session?.isOpen) return;
    measure(this.#session, monitor.clock, 3).then(
      (isChanged) => {
        if (isChanged) log.info({ offsetMs: monitor.clock.offsetMs }, 'this clock differs from the appliance’s');
      },
      () => undefined,
    );
  }

  /** Whatever the appliance may ask, told from the first moment on. */
  #answer(session: Session): void {
    const { monitor, intervalMs } = this.#options;
    session.onWatch((lease) => monitor.watch(lease));
    session.onServices((services) => monitor.wishes.expect(services));
    session.onProcesses(() => this.#askTop());
    session.onAudit(async (asked) => (await import('./audit.ts')).audit(asked));
    session.onInterval((told) => monitor.setInterval(intervalMs ?? told));
    this.#takeOrders(session);
  }

  /** The frames of now first; what an outage has left behind comes beside them. */
  async #send(session: Session): Promise<void> {
    const { log, monitor } = this.#options;
    const { spool, series, clock } = monitor;
    const { current: outbox } = spool;
    const onHold = (holdMs: number) => spool.expectHold(holdMs);
    this.#sender = new Sender({ session, stream: outbox.stream, outbox, series, clock, log, onHold, goesOn: true });
    await this.#sender.start();
    new Replay({ session, spool, log }).start();
  }

  #ofVersions(): Partial<Pick<Hello, 'program' | 'failedUpdate'>> {
    const { program, failed } = this.#options.update ?? {};
    const failedUpdate = failed?.();
    return { ...(program !== undefined && { program }), ...(failedUpdate && { failedUpdate }) };
  }

  #takeOrders(session: Session): void {
    const { membership, update: { updater } = {} } = this.#options;
    const { identity } = membership;
    const [url = ''] = identity.urls;
    const sender = { identity, url, tell: (message: Updating) => session.updating(message) };
    session.onUpdate(async (order) => updater?.take(order, sender) ?? NO_ORDERS);
  }

  /** An appliance that has just come knows nothing of what was found before. */
  #tellFound(session: Session): void {
    const { wishes } = this.#options.monitor;
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
}
