import { Problem } from '../problem.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type AgentRecord, agentRecords } from './documents.ts';

/** Keys of the paired agents, in memory and on disk, and what each may do. */
export class Registry {
  readonly #records: Collection<AgentRecord>;
  readonly #known = new Map<string, AgentRecord>();
  #tell: (record: AgentRecord) => void = () => undefined;

  private constructor(records: Collection<AgentRecord>) {
    this.#records = records;
  }

  static async open(documents: DocumentStore): Promise<Registry> {
    const registry = new Registry(await documents.collection(agentRecords));
    for (const record of await registry.#records.find()) registry.#known.set(record.id, record);
    return registry;
  }

  get(agentId: string): AgentRecord | undefined {
    return this.#known.get(agentId);
  }

  /** Tells of each agent's state: now, and whenever one is changed. */
  onState(listener: (record: Readonly<AgentRecord>) => void): void {
    this.#tell = listener;
    for (const record of this.#known.values()) listener(record);
  }

  all(): AgentRecord[] {
    return [...this.#known.values()];
  }

  list(siteId: string): AgentRecord[] {
    return [...this.#known.values()].filter((record) => record.siteId === siteId);
  }

  /** The agent, if it belongs to the site. */
  need(siteId: string, agentId: string): AgentRecord {
    const record = this.#known.get(agentId);
    if (!record || record.siteId !== siteId) throw new Problem('not-found', 'There is no such agent');
    return record;
  }

  ofHost(hostId: string): AgentRecord[] {
    return [...this.#known.values()].filter((record) => record.hostId === hostId);
  }

  async add(record: Omit<AgentRecord, 'rev'>): Promise<AgentRecord> {
    const added = await this.#records.insert(record);
    this.#known.set(added.id, added);
    this.#tell(added);
    return added;
  }

  async change(
    agentId: string,
    change: Partial<Pick<AgentRecord, 'state' | 'hostId' | 'version' | 'program' | 'leftAt'>>,
  ): Promise<AgentRecord> {
    const known = this.#known.get(agentId);
    if (!known) throw new Problem('not-found', 'There is no such agent');
    const record = await this.#records.update({ ...known, ...change });
    this.#known.set(agentId, record);
    this.#tell(record);
    return record;
  }

  async remove(agentId: string): Promise<void> {
    await this.#records.remove(agentId);
    this.#known.delete(agentId);
  }
}
