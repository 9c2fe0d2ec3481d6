import type { Host } from '../../protocol/hosts.ts';
import type { FactEvent, Hub } from '../hub.ts';
import { isOlder } from '../version-order.ts';
import type { Part } from './health.ts';

export interface FinderParts {
  hub: Hub;
  now: () => number;
  /** What the health page tells of. */
  parts: readonly Part[];
  hosts(): readonly Host[];
  /** Version of the appliance, which is that of the agent it hands out. */
  version: string;
}

/** Damage there is a matter of data, not of how things go now. */
const STORES: readonly string[] = ['store', 'history'];
/** Tells of each failed job by a fact of its own. */
const TOLD_ELSEWHERE: readonly string[] = ['jobs'];

/** Turns what the appliance knows of itself and its agents into facts; each is told when it changes. */
export class Finder {
  readonly #parts: FinderParts;
  readonly #told = new Map<string, string>();

  constructor(parts: FinderParts) {
    this.#parts = parts;
  }

  /** To be called about once a minute. */
  look(): void {
    for (const { name, check } of this.#parts.parts)
      if (!TOLD_ELSEWHERE.includes(name)) for (const fact of partFacts(name, check())) this.#tell(fact);
    for (const host of this.#parts.hosts()) {
      const { agentVersion } = host;
      if (agentVersion !== undefined) this.#tell(versionFact(host, agentVersion, this.#parts.version));
    }
  }

  #tell(fact: Omit<FactEvent, 'at'>): void {
    const key = JSON.stringify([fact.hostId, fact.kind, fact.key]);
    const said = `${fact.state} ${fact.state === 'wrong' ? fact.text : ''}`;
    if (this.#told.get(key) === said) return;
    this.#told.set(key, said);
    this.#parts.hub.emit('fact', { ...fact, at: this.#parts.now() });
  }
}

/** Damage and how things go are two facts, so that the end of one does not hide the other. */
function partFacts(name: string, { status, detail }: ReturnType<Part['check']>): Omit<FactEvent, 'at'>[] {
  const isDamage = STORES.includes(name) && detail.startsWith('damaged or lost');
  const fact = (kind: string, isWrong: boolean, severity: FactEvent['severity']): Omit<FactEvent, 'at'> => ({
    siteId: 'appliance',
    kind,
    key: name,
    state: isWrong ? 'wrong' : 'ok',
    severity,
    text: `Reeve’s own ${name}: ${detail}`,
  });
  const health = fact('health', status !== 'ok' && !isDamage, status === 'failed' ? 'critical' : 'medium');
  return STORES.includes(name) ? [fact('store', isDamage, 'critical'), health] : [health];
}

function versionFact({ id, siteId }: Host, has: string, wanted: string): Omit<FactEvent, 'at'> {
  return {
    siteId,
    hostId: id,
    kind: 'agent-version',
    key: 'agent',
    state: isOlder(has, wanted) ? 'wrong' : 'ok',
    severity: 'low',
    text: `Agent ${has}, the appliance has ${wanted}`,
  };
}
