// Over 250 lines, because every rule about which hosts there are and who sees them is to be read in one place.
import { type Hello, type HostFacts, INTERVAL_MS } from '../../protocol/agent-link.ts';
import type { Host, HostKind, LearntParent } from '../../protocol/hosts.ts';
import type { HostChange } from '../../protocol/routes/hosts.ts';
import type { FrameEvent, Hub } from '../hub.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { Session } from '../session.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type HostRecord, hostRecords } from './documents.ts';
import { asHost, type Known, knownOf, revOf } from './known.ts';
import { withSaid } from './said.ts';
import { judgeStatus, type Signs } from './status.ts';

export interface NewHost {
  siteId: string;
  name: string;
  facts: HostFacts;
  isAppliance: boolean;
  /** Given by the token it came in by. */
  tags?: string[];
  rack?: string;
  /** A host that was added by hand and waits for its agent, or gets another one. */
  forHostId?: string;
}

/** What an agent says of its host on each connection. */
type Said = Pick<Hello, 'facts' | 'agentVersion' | 'may' | 'intervalMs'>;

/** A host that a person adds. */
export interface HandMade extends HostChange {
  siteId: string;
  name: string;
  kind: HostKind;
}

const SAVE_SEEN_MS = 3_600_000;

/** Every host: what it is, and whether it is there. Whoever may see which host is decided here, by `hostsOf`. */
export class Inventory {
  readonly #records: Collection<HostRecord>;
  readonly #hub: Hub;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();

  private constructor(records: Collection<HostRecord>, hub: Hub, now: () => number) {
    this.#records = records;
    this.#hub = hub;
    this.#now = now;
  }

  /** `endedAt` is when the run before was last known to be alive: a host that was gone by then comes up as gone. */
  static async open(
    documents: DocumentStore,
    hub: Hub,
    { now, endedAt = 0 }: { now: () => number; endedAt?: number },
  ): Promise<Inventory> {
    const inventory = new Inventory(await documents.collection(hostRecords), hub, now);
    for (const record of await inventory.#records.find()) {
      const { intervalMs, lastSeenAt = record.createdAt } = record;
      const wasGone = judgeStatus({ intervalMs, lastSeenAt }, endedAt).status !== 'online';
      // The others get the time that an agent needs to come back.
      inventory.#take(record, wasGone ? lastSeenAt : now());
    }
    hub.on('frame', (frame) => inventory.#heard(frame));
    hub.on('session', ({ hostId, state, at }) => inventory.#session(hostId, state, at)); // The hub hears of a failed write.
    return inventory;
  }

  /** The one function that turns a session into hosts: only those of its site. */
  hostsOf(session: Session): Host[] {
    return [...this.#known.values()].filter(({ record }) => record.siteId === session.siteId).map(asHost);
  }

  /** The host, if the session may see it; another site's host is as absent as one that never was. */
  visible(session: Session, hostId: string): Host {
    const known = this.#known.get(hostId);
    if (!known || known.record.siteId !== session.siteId) throw new Problem('not-found', 'There is no such host');
    return asHost(known);
  }

  /** Every site that has hosts. */
  sites(): Set<string> {
    return new Set([...this.#known.values()].map(({ record }) => record.siteId));
  }

  /** Every host of every site: for judgements, never for an answer. */
  all(): Host[] {
    return [...this.#known.values()].map(asHost);
  }

  /** How many hosts a site has, how they are, and when the last of them reported. */
  summaryOf(siteId: string): { hosts: number; online: number; stale: number; offline: number; lastReportAt?: number } {
    const hosts = [...this.#known.values()].filter(({ record }) => record.siteId === siteId).map(asHost);
    const count = (wanted: Host['status']) => hosts.filter(({ status }) => status === wanted).length;
    const lastReportAt = Math.max(0, ...hosts.map(({ lastSeenAt = 0 }) => lastSeenAt));
    const states = { online: count('online'), stale: count('stale'), offline: count('offline') };
    return { hosts: hosts.length, ...states, ...(lastReportAt > 0 && { lastReportAt }) };
  }

  get(hostId: string): Host | undefined {
    const known = this.#known.get(hostId);
    return known && asHost(known);
  }

  /** Adds a host on pairing. One that seems to be a known machine, newly installed, is marked so and never silently doubled. */
  async register({ siteId, name, facts, isAppliance, tags, rack, forHostId }: NewHost): Promise<Host> {
    if (forHostId !== undefined) return this.#fill(forHostId, { siteId, facts });
    const own = isAppliance ? this.#ownHost(siteId) : undefined;
    if (own) return asHost(own); // Its agent lost its state and paired again; the machine is the same for certain.
    const twin = this.#twinOf(siteId, facts.machineId);
    const id = newId(this.#now());
    const record = await this.#insert({
      id,
      siteId,
      name,
      facts,
      isAppliance,
      ...(tags && { tags }),
      ...(rack && { rack }),
      ...(twin && { sameAs: twin.record.id }),
    });
    const known = this.#take(record);
    this.#announce(undefined, known);
    return asHost(known);
  }

  /** A host whose document was lost comes back under its id, so that its history is found again; its agent is still known. */
  async recover(id: string, { siteId, name, facts, isAppliance }: NewHost): Promise<void> {
    if (this.#known.has(id)) return;
    const record = await this.#insert({ id, siteId, name, facts, isAppliance });
    const known = this.#take(record);
    delete known.signs.closedAt;
    this.#announce(undefined, known);
  }

  /** What the agent said of its host on this connection. */
  async describe(hostId: string, { facts, agentVersion, may, intervalMs }: Said): Promise<void> {
    const known = this.#known.get(hostId);
    if (!known) return;
    const { record: of } = known;
    const isIntervalOwn = intervalMs !== undefined;
    const had = [of.facts, of.agentVersion, of.may, of.intervalMs, of.isIntervalOwn ?? false];
    const said = {
      ...{ facts, agentVersion },
      ...(may && { may }),
      ...(isIntervalOwn && { intervalMs, isIntervalOwn }),
    };
    const has = [facts, agentVersion, may, intervalMs ?? of.intervalMs, isIntervalOwn];
    if (JSON.stringify(had) === JSON.stringify(has)) return;
    // An older agent says nothing of its ceiling: what a newer one said is no longer so.
    await this.#write(known, ({ may: _, isIntervalOwn: __, ...record }) => ({ ...record, ...said }));
  }

  /** Interval at which the host reports; the default for a host that is not known. */
  intervalOf(hostId: string): number {
    return this.#known.get(hostId)?.record.intervalMs ?? INTERVAL_MS.default;
  }

  /** Adds a host by hand. Fails with the field where its name is taken or fields do not go together. */
  async add({ siteId, kind, ...said }: HandMade): Promise<Host> {
    if (this.#isTaken(siteId, said.name)) throw nameTaken(said.name);
    const now = this.#now();
    const blank = { id: newId(now), siteId, kind, name: said.name, isAppliance: false, tags: [], rev: 0 };
    const record = withSaid({ ...blank, intervalMs: INTERVAL_MS.default, createdAt: now }, said);
    this.#checkParent(record);
    const known = this.#take(await this.#records.insert(record));
    this.#announce(undefined, known);
    return asHost(known);
  }

  /** Edits by a person; `rev` guards against another edit meanwhile. `change` may be made of the host as it is then. */
  async edit(hostId: string, rev: number, change: HostChange | ((host: Host) => HostChange)): Promise<Host> {
    const known = this.#need(hostId);
    await this.#write(known, (record) => {
      const wanted = typeof change === 'function' ? change(asHost(known)) : change;
      if (revOf(record) !== rev) throw new Problem('conflict', 'Somebody else changed this host; load it again');
      if (wanted.name !== undefined && wanted.name !== record.name && this.#isTaken(record.siteId, wanted.name))
        throw nameTaken(wanted.name);
      const next = withSaid(record, wanted);
      if (next.parentId !== record.parentId) this.#checkParent(next);
      return { ...next, edits: (record.edits ?? 0) + 1 };
    });
    return asHost(known);
  }

  /** What was learnt of what a host depends on; undefined takes it away. No edit by a person, so no editor's copy becomes stale. */
  async learnParent(hostId: string, learnt: Omit<LearntParent, 'at'> | undefined): Promise<void> {
    const known = this.#known.get(hostId);
    const was = known?.record.learntParent;
    if (!known || (was?.id === learnt?.id && was?.from === learnt?.from && was?.evidence === learnt?.evidence)) return;
    await this.#write(known, ({ learntParent: _, ...rest }) => ({
      ...rest,
      ...(learnt && { learntParent: { ...learnt, at: this.#now() } }),
    }));
  }

  /** The answer to "same host?": no longer asked. */
  async settle(hostId: string): Promise<Host> {
    const known = this.#need(hostId);
    await this.#write(known, ({ sameAs: _, ...rest }) => rest);
    return asHost(known);
  }

  async remove(hostId: string): Promise<void> {
    const known = this.#need(hostId);
    this.#known.delete(hostId); // First, so that its agent's goodbye writes nothing into what is being removed.
    await known.writing;
    try {
      await this.#records.remove(hostId);
    } catch (error) {
      this.#known.set(hostId, known);
      throw error;
    }
    this.#hub.emit('host', { before: asHost(known) });
    for (const child of this.#known.values())
      if (child.record.parentId === hostId) await this.#write(child, ({ parentId: _, ...rest }) => rest);
  }

  /** Its agent may not connect, and why; undefined lets it in again. */
  bar(hostId: string, barred: Signs['barred']): void {
    const known = this.#known.get(hostId);
    if (!known || known.signs.barred === barred) return;
    if (barred) known.signs.barred = barred;
    else delete known.signs.barred;
    this.#judge(known, this.#now(), true);
  }

  /** Judges every host; whose status changed is announced. To be called about once a second. */
  judgeAll(now: number): void {
    for (const known of this.#known.values()) this.#judge(known, now);
  }

  /** Writes when each host was last seen; hourly and at the end. */
  async saveSeen(now: number, olderThanMs = SAVE_SEEN_MS): Promise<void> {
    for (const known of this.#known.values()) {
      if (now - (known.record.lastSeenAt ?? 0) >= olderThanMs) await this.#saveSeen(known);
    }
  }

  async #saveSeen(known: Known): Promise<void> {
    const { lastSeenAt } = known.signs;
    if (lastSeenAt === undefined || lastSeenAt === known.record.lastSeenAt) return;
    await this.#write(known, (record) => ({ ...record, lastSeenAt }), { isNews: false });
  }

  async #fill(hostId: string, { siteId, facts }: Pick<NewHost, 'siteId' | 'facts'>): Promise<Host> {
    const known = this.#known.get(hostId);
    if (known?.record.siteId !== siteId)
      throw new Problem('pairing-refused', 'The host that this token was made for is gone');
    await this.#write(known, (record) => ({ ...record, kind: 'agent', facts }));
    delete known.signs.awaits;
    this.#judge(known, this.#now(), true);
    return asHost(known);
  }

  #insert(host: Omit<NewHost, 'forHostId'> & { id: string; sameAs?: string }): Promise<HostRecord> {
    return this.#records.insert({
      tags: [],
      ...host,
      name: this.#freeName(host.siteId, host.name),
      kind: 'agent',
      intervalMs: INTERVAL_MS.default,
      createdAt: this.#now(),
    });
  }

  #take(record: HostRecord, closedAt = this.#now()): Known {
    const known = knownOf(record, { closedAt, now: this.#now() });
    this.#known.set(record.id, known);
    return known;
  }

  #heard({ hostId, at, late, grade, receivedAt, isAside = false }: FrameEvent): void {
    const known = this.#known.get(hostId);
    if (!known || late || grade === 'watch') return;
    if (isAside) {
      if (known.signs.awaits === undefined || known.signs.isMeasured) return;
      known.signs.isMeasured = true;
      this.#judge(known, receivedAt, true);
      return;
    }
    known.signs.lastSeenAt = Math.max(known.signs.lastSeenAt ?? 0, Math.min(at, receivedAt));
    if (known.verdict.status !== 'online') this.#judge(known, receivedAt);
  }

  async #session(hostId: string, state: 'open' | 'closed', at: number): Promise<void> {
    const known = this.#known.get(hostId);
    if (!known) return;
    if (state === 'open') delete known.signs.closedAt;
    else known.signs.closedAt = at;
    this.#judge(known, at);
    if (state === 'closed') await this.#saveSeen(known);
  }

  #judge(known: Known, now: number, isNews = false): void {
    const verdict = judgeStatus(known.signs, now);
    const isSame = verdict.status === known.verdict.status;
    if (isSame && !isNews) {
      known.verdict = verdict;
      return;
    }
    const before = asHost(known);
    known.verdict = verdict;
    if (!isSame) known.statusAt = now;
    this.#hub.emit('host', { before, after: asHost(known) });
  }

  /** Stores what `make` makes of the record as it is then; a host that was removed meanwhile is left alone. */
  #write(known: Known, make: (record: HostRecord) => HostRecord, { isNews = true } = {}): Promise<void> {
    const done = known.writing.then(async () => {
      if (this.#known.get(known.record.id) !== known) return;
      const before = asHost(known);
      known.record = await this.#records.update(make(known.record));
      known.signs.intervalMs = known.record.intervalMs;
      if (isNews) this.#announce(before, known);
    });
    known.writing = done.catch(() => undefined);
    return done;
  }

  #announce(before: Host | undefined, known: Known): void {
    this.#hub.emit('host', { ...(before && { before }), after: asHost(known) });
  }

  #need(hostId: string): Known {
    const known = this.#known.get(hostId);
    if (!known) throw new Problem('not-found', 'There is no such host');
    return known;
  }

  /** What a host depends on is another one of its site, and never, by whatever way, the host itself. */
  #checkParent({ id, siteId, parentId }: HostRecord): void {
    if (parentId === undefined) return;
    if (this.#known.get(parentId)?.record.siteId !== siteId) throw wrongParent('there is no such host');
    for (let at: string | undefined = parentId; at !== undefined; at = this.#known.get(at)?.record.parentId)
      if (at === id) throw wrongParent('it would depend on itself: choose another host');
  }

  #ownHost(siteId: string): Known | undefined {
    return [...this.#known.values()].find(({ record }) => record.isAppliance && record.siteId === siteId);
  }

  #twinOf(siteId: string, machineId: string | undefined): Known | undefined {
    if (!machineId) return undefined;
    return [...this.#known.values()].find(
      ({ record }) => record.siteId === siteId && record.facts?.machineId === machineId,
    );
  }

  #isTaken(siteId: string, name: string): boolean {
    return [...this.#known.values()].some(({ record }) => record.siteId === siteId && record.name === name);
  }

  /** Names are labels, but two equal ones in a list help nobody: `nas`, `nas (2)`. */
  #freeName(siteId: string, wanted: string): string {
    for (let n = 1; ; n++) {
      const name = n === 1 ? wanted : `${wanted} (${n})`;
      if (!this.#isTaken(siteId, name)) return name;
    }
  }
}

const nameTaken = (name: string): Problem =>
  new Problem('conflict', `Another host is called ${name}`, [
    { path: 'body.name', message: 'another host has this name' },
  ]);

const wrongParent = (message: string): Problem =>
  new Problem('invalid-request', message, [{ path: 'body.parentId', message }]);
