// Over 250 lines, because an update of many agents is to be read from its first wave to its last in one place.
import type { ReleaseKey } from '../../discovery/pairing/release.ts';
import type { FailedUpdate, Updating } from '../../protocol/updates.ts';
import type { Hub } from '../hub.ts';
import { newId } from '../ids.ts';
import type { Job, JobContext } from '../jobs.ts';
import { Problem } from '../problem.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import type { AgentRecord } from './documents.ts';
import { allStay, UPDATE_SPANS, type UpdateSpans, UpdatesUnderWay } from './one-update.ts';
import { releaseFor, signOrder } from './orders.ts';
import type { Registry } from './registry.ts';
import type { Release } from './releases.ts';
import { rollOutFact } from './roll-out-fact.ts';
import { isOver, outcomeText, type RollOutAgent, type RollOutRecord, rollOutRecords } from './roll-out-records.ts';
import { waveSizes } from './waves.ts';

export interface RollOutParts {
  documents: DocumentStore;
  hub: Hub;
  now: () => number;
  applianceId: string;
  registry: Registry;
  releaseKey: ReleaseKey;
  hostName(hostId: string): string;
  spans?: UpdateSpans & { settleMs: number };
}

/** What roll-outs need of the doors, which open after them. */
export interface RollOutDoors {
  releases: readonly Release[];
  isConnected(agentId: string): boolean;
  /** Sends an order; what comes back is not checked yet. */
  send(agentId: string, order: ReturnType<typeof signOrder>): Promise<unknown>;
}

/** How a run tells how far it is, and is told to end. */
interface Hands {
  tell(): void;
  signal: AbortSignal;
}

/** So long all of a wave must be connected before the next one begins. */
const SETTLE_MS = 20_000;
const DAY_MS = 86_400_000;
export const ROLL_OUT_JOB = 'update-agents';

/** Updates of agents in waves: kept, so that one goes on after the appliance was started anew; of each site one at a time. */
export class RollOuts {
  readonly #parts: RollOutParts;
  readonly #records: Collection<RollOutRecord>;
  readonly #known = new Map<string, RollOutRecord>();
  readonly #underWay: UpdatesUnderWay;
  #doors: RollOutDoors = { releases: [], isConnected: () => false, send: () => Promise.reject(new Error('closed')) };

  private constructor(parts: RollOutParts, records: Collection<RollOutRecord>) {
    this.#parts = parts;
    this.#records = records;
    this.#underWay = new UpdatesUnderWay(parts.spans ?? UPDATE_SPANS);
  }

  static async open(parts: RollOutParts): Promise<RollOuts> {
    const rollOuts = new RollOuts(parts, await parts.documents.collection(rollOutRecords));
    for (const record of await rollOuts.#records.find()) rollOuts.#known.set(record.id, record);
    return rollOuts;
  }

  /** From now on agents can be reached. */
  connect(doors: RollOutDoors): void {
    this.#doors = doors;
  }

  get releases(): readonly Release[] {
    return this.#doors.releases;
  }

  /** Whether one is to be gone on with. */
  get isUnfinished(): boolean {
    return this.#unfinished() !== undefined;
  }

  list(siteId: string): RollOutRecord[] {
    return [...this.#known.values()].filter((record) => record.siteId === siteId);
  }

  need(siteId: string, id: string): RollOutRecord {
    const record = this.#known.get(id);
    if (record?.siteId !== siteId) throw new Problem('not-found', 'There is no such update');
    return record;
  }

  /** Puts a roll-out on record; `runJob` carries it out. */
  async add(siteId: string, agents: readonly AgentRecord[], { by, allowOlder }: { by: string; allowOlder: boolean }) {
    if (this.list(siteId).some(({ state }) => state === 'running'))
      throw new Problem('conflict', 'Agents of this site are being updated: wait until that is over, or stop it');
    const startedAt = this.#parts.now();
    const [first] = agents;
    const version = first && releaseFor(first, this.releases)?.version;
    if (version === undefined) throw new Problem('invalid-request', 'None of these agents can be updated');
    const record = await this.#records.insert({
      ...{ id: newId(startedAt), siteId, version, allowOlder, by, startedAt, state: 'running' as const },
      agents: inWaves(agents, (hostId) => this.#parts.hostName(hostId)),
    });
    this.#known.set(record.id, record);
    return record;
  }

  /** Begins no further update; agents that are at it finish. */
  async cancel(siteId: string, id: string): Promise<RollOutRecord> {
    const record = this.need(siteId, id);
    if (record.state === 'running') this.#leave(record, 'Stopped by a person');
    if (record.state === 'running') record.state = 'cancelled';
    return this.#save(record);
  }

  /** An agent says how far it is with its order. */
  heard(agentId: string, message: Updating): void {
    this.#underWay.heard(agentId, message);
  }

  /** An agent has come, as this version. */
  came(agentId: string, version: string, failed: FailedUpdate | undefined): void {
    this.#underWay.came(agentId, version, failed);
    const [newest] = this.list(this.#parts.registry.get(agentId)?.siteId ?? '').sort(byStart);
    if (newest?.agents.some((agent) => agent.agentId === agentId && agent.state === 'failed')) this.#tell(newest);
  }

  async forgetSite(siteId: string): Promise<void> {
    for (const { id } of this.list(siteId)) {
      this.#known.delete(id);
      await this.#records.remove(id);
    }
  }

  /** Drops those that ended before; says how many. */
  async prune(before: number): Promise<number> {
    const old = [...this.#known.values()].filter(
      ({ state, startedAt, endedAt = startedAt }) => state !== 'running' && endedAt < before,
    );
    for (const { id } of old) {
      this.#known.delete(id);
      await this.#records.remove(id);
    }
    return old.length;
  }

  /** Carries out what is on record, one after the other. That one was stopped is a fact of its own, and no failure of the job. */
  job(): Job {
    return {
      id: ROLL_OUT_JOB,
      title: 'Update agents',
      schedule: 'by hand',
      timeoutMs: 7 * DAY_MS,
      run: async (context) => {
        const { signal } = context;
        signal.addEventListener('abort', () => this.#underWay.endAll(), { once: true });
        const texts: string[] = [];
        for (let next = this.#unfinished(); next && !signal.aborted; next = this.#unfinished()) {
          await this.#carryOut(next, context);
          texts.push(outcomeText(next));
        }
        return texts.join('; ') || 'There was nothing to update';
      },
    };
  }

  #unfinished(): RollOutRecord | undefined {
    return [...this.#known.values()].find(({ state, endedAt }) => state === 'running' && endedAt === undefined);
  }

  async #carryOut(record: RollOutRecord, context: JobContext): Promise<void> {
    const waves = new Set(record.agents.map(({ wave }) => wave));
    for (const wave of waves) {
      if (record.state !== 'running') break;
      const members = record.agents.filter((agent) => agent.wave === wave);
      const tell = () => context.progress(progressOf(record, wave, waves.size));
      tell();
      const { signal } = context;
      await Promise.all(members.map((agent) => this.#update(record, agent, { tell, signal })));
      // The appliance ends, or somebody cancelled the job: what is left goes on at the next start, or does not.
      if (!signal.aborted) await this.#settle(record, members, signal).catch(() => undefined);
      if (signal.aborted) return this.#interrupted(record, signal);
      if (members.some(({ state }) => state === 'failed') && record.state === 'running') {
        this.#leave(record, 'Another agent failed before its turn');
        record.state = 'stopped';
      }
      await this.#save(record);
    }
    if (record.state === 'running') record.state = 'done';
    record.endedAt = this.#parts.now();
    await this.#save(record);
    this.#tell(record);
  }

  /** Tells whether an update was stopped; said again it changes nothing. */
  #tell(record: RollOutRecord): void {
    const { hub, registry, now } = this.#parts;
    const isMended = (agentId: string): boolean => {
      const agent = registry.get(agentId);
      return agent?.state !== 'active' || (agent.version === record.version && this.#doors.isConnected(agentId));
    };
    if (this.#known.has(record.id)) hub.emit('fact', rollOutFact(record, isMended, now()));
  }

  async #interrupted(record: RollOutRecord, { reason }: AbortSignal): Promise<void> {
    if (!isCancelled(reason)) return;
    this.#leave(record, 'Stopped by a person');
    for (const agent of record.agents)
      if (!isOver(agent)) Object.assign(agent, { state: 'left', reason: 'Stopped while it was at it; it may go on' });
    record.state = 'cancelled';
    record.endedAt = this.#parts.now();
    await this.#save(record);
  }

  async #update(record: RollOutRecord, agent: RollOutAgent, { tell, signal }: Hands): Promise<void> {
    if (isOver(agent)) return;
    const known = this.#parts.registry.get(agent.agentId);
    const release = known && releaseFor(known, this.releases);
    const reason = whyLeft(record, known, release);
    if (reason !== undefined) return this.#end(record, agent, { state: 'left', reason });
    if (!known || !release) return;
    if (known.version === record.version) return this.#end(record, agent, { state: 'done' });
    if (!this.#doors.isConnected(agent.agentId))
      return this.#end(record, agent, { state: 'left', reason: 'It was not connected' });
    const { now, applianceId, releaseKey } = this.#parts;
    const said = { applianceId, agentId: agent.agentId, issuedAt: now(), allowOlder: record.allowOlder };
    const onStep = (state: Updating['step']) => {
      agent.state = state;
      tell();
    };
    agent.state = 'asked';
    const order = signOrder(release, said, releaseKey);
    const { issuedAt } = said;
    const outcome = await this.#underWay.follow(agent.agentId, { issuedAt, version: record.version, onStep }, () =>
      this.#doors.send(agent.agentId, order),
    );
    if (signal.aborted) return;
    this.#end(record, agent, outcome.ok ? { state: 'done' } : { state: 'failed', reason: outcome.reason });
    tell();
  }

  #end(record: RollOutRecord, agent: RollOutAgent, how: Pick<RollOutAgent, 'state' | 'reason'>): void {
    Object.assign(agent, how);
    if (how.state === 'left') return;
    const what = how.state === 'done' ? 'agent.updated' : 'agent.notUpdated';
    const { agentId, hostId, from } = agent;
    const detail = {
      agentId,
      hostId,
      from,
      to: record.version,
      ...(how.reason !== undefined && { reason: how.reason }),
    };
    this.#parts.hub.emit('audit', {
      at: this.#parts.now(),
      siteId: record.siteId,
      who: 'agent',
      from: '',
      what,
      detail,
    });
  }

  /** Who was updated has to stay: an agent that comes once and goes has failed, too. */
  async #settle(record: RollOutRecord, members: readonly RollOutAgent[], signal: AbortSignal): Promise<void> {
    const { registry, spans } = this.#parts;
    const forMs = spans?.settleMs ?? SETTLE_MS;
    const isThere = ({ agentId }: RollOutAgent) =>
      this.#doors.isConnected(agentId) && registry.get(agentId)?.version === record.version;
    const done = members.filter(({ state }) => state === 'done');
    if (done.length === 0 || (await allStay(() => done.every(isThere), { forMs, mostMs: forMs * 6, signal }))) return;
    for (const agent of done)
      if (!isThere(agent))
        this.#end(record, agent, { state: 'failed', reason: 'It reached the appliance once, and is gone again' });
  }

  #leave(record: RollOutRecord, reason: string): void {
    for (const agent of record.agents) if (agent.state === 'waiting') Object.assign(agent, { state: 'left', reason });
  }

  /** The record in memory is what goes on; only its revision comes back. A site that was removed meanwhile has none. */
  async #save(record: RollOutRecord): Promise<RollOutRecord> {
    if (!this.#known.has(record.id)) return record;
    const { rev } = await this.#records.update(structuredClone(record));
    return Object.assign(record, { rev });
  }
}

/** Newest first. */
const byStart = (a: RollOutRecord, b: RollOutRecord): number => b.startedAt - a.startedAt;

function inWaves(agents: readonly AgentRecord[], hostName: (hostId: string) => string): RollOutAgent[] {
  const waves = waveSizes(agents.length).flatMap((size, n) => Array.from({ length: size }, () => n + 1));
  return agents.map(({ id: agentId, hostId, version: from }, n) => ({
    ...{ agentId, hostId, hostName: hostName(hostId), wave: waves[n] ?? 1, from, state: 'waiting' },
  }));
}

function whyLeft(
  record: RollOutRecord,
  agent: AgentRecord | undefined,
  release: Release | undefined,
): string | undefined {
  if (record.state !== 'running') return 'Stopped by a person';
  if (agent?.state !== 'active') return 'It may no longer connect';
  return release?.version === record.version
    ? undefined
    : `This appliance no longer has version ${record.version} for it`;
}

const isCancelled = (reason: unknown): boolean =>
  typeof reason === 'object' && reason !== null && 'state' in reason && reason.state === 'cancelled';

function progressOf({ agents, version }: RollOutRecord, wave: number, waves: number) {
  const done = agents.filter(isOver).length;
  return { done, of: agents.length, text: `Version ${version}, wave ${wave} of ${waves}` };
}
