import { z } from 'zod';
import { base64url, documentId, instant } from '../../protocol/identity.ts';
import { PAIRING_LIMITS, tokenId } from '../../protocol/pairing.ts';
import type { TokenKeys } from './token.ts';

/** A token as it is stored. The keys allow pairing, so store them sealed; they are gone as soon as the token is dead. */
export const tokenRecord = z.object({
  tokenId,
  createdAt: instant,
  expiresAt: instant,
  state: z.enum(['open', 'used', 'locked', 'revoked']),
  wrongTries: z.number().int().min(0),
  keys: z.object({ agent: base64url(32), appliance: base64url(32) }).exactOptional(),
  /** The agent that used it, where it was for one. */
  agentId: documentId.exactOptional(),
  /** Only of a token for several agents: how many, and which have used it. One key is one use, however often it comes. */
  bulk: z
    .object({
      most: z.number().int().min(2).max(PAIRING_LIMITS.tokenUses),
      agents: z.array(z.object({ key: base64url(32), id: documentId })),
    })
    .exactOptional(),
});
export type TokenRecord = z.infer<typeof tokenRecord>;

/** What a token is made for; one agent within 15 minutes by default. */
export interface TokenTerms {
  uses?: number;
  validMs?: number;
}

/** What people are told of a token: an open one may have expired meanwhile. */
export function tokenState(record: TokenRecord, now: number): TokenRecord['state'] | 'expired' {
  if (record.state !== 'open') return record.state;
  if (isUsedUp(record)) return 'used';
  return record.expiresAt <= now ? 'expired' : 'open';
}

const isUsedUp = ({ bulk }: TokenRecord): boolean => bulk !== undefined && bulk.agents.length >= bulk.most;

interface LiveToken {
  keys: TokenKeys;
  /** The id that this agent was given when it used the token before. */
  agentId?: string;
}

/** The issued tokens in memory; every change is handed to `onChange` before the call returns. */
export class TokenDrawer {
  readonly #records = new Map<string, TokenRecord>();
  readonly #onChange: (record: TokenRecord) => void;

  constructor(onChange: (record: TokenRecord) => void) {
    this.#onChange = onChange;
  }

  put(
    id: string,
    keys: TokenKeys,
    { now, uses = 1, validMs = PAIRING_LIMITS.tokenMs }: TokenTerms & { now: number },
  ): TokenRecord {
    return this.#change({
      tokenId: id,
      createdAt: now,
      expiresAt: now + validMs,
      state: 'open',
      wrongTries: 0,
      ...(uses > 1 && { bulk: { most: uses, agents: [] } }),
      keys: { agent: keys.agent.toString('base64url'), appliance: keys.appliance.toString('base64url') },
    });
  }

  restore(records: readonly TokenRecord[]): void {
    for (const record of records) if (record.state === 'open') this.#records.set(record.tokenId, record);
  }

  /** Keys of a token that this agent may still use: one that is used up only by those who have used it, whose answer may be lost. */
  live(id: string, agentKey: string, now: number): LiveToken | undefined {
    const record = this.#records.get(id);
    if (!record?.keys || record.state !== 'open' || record.expiresAt <= now) return undefined;
    const agentId = record.bulk?.agents.find(({ key }) => key === agentKey)?.id;
    if (agentId === undefined && isUsedUp(record)) return undefined;
    const { agent, appliance } = record.keys;
    const keys = { agent: Buffer.from(agent, 'base64url'), appliance: Buffer.from(appliance, 'base64url') };
    return { keys, ...(agentId !== undefined && { agentId }) };
  }

  /** Counts a use: a token for one is dead after it, its keys are gone. */
  use(id: string, agent: { key: string; id: string }): void {
    const record = this.#records.get(id);
    if (!record?.bulk) this.#end(id, { state: 'used', agentId: agent.id });
    else if (!record.bulk.agents.some(({ key }) => key === agent.key))
      this.#change({ ...record, bulk: { ...record.bulk, agents: [...record.bulk.agents, agent] } });
  }

  revoke(id: string): boolean {
    return this.#end(id, { state: 'revoked' });
  }

  countWrongTry(id: string): void {
    const record = this.#records.get(id);
    if (!record) return;
    const wrongTries = record.wrongTries + 1;
    if (wrongTries < PAIRING_LIMITS.wrongTries) this.#change({ ...record, wrongTries });
    else this.#end(id, { state: 'locked', wrongTries });
  }

  /** Forgets expired tokens: unknown and expired are the same to an agent. */
  sweep(now: number): void {
    for (const [id, record] of this.#records) if (record.expiresAt <= now) this.#records.delete(id);
  }

  #end(id: string, change: Partial<TokenRecord>): boolean {
    const record = this.#records.get(id);
    if (record?.state !== 'open') return false;
    const { keys: _, ...rest } = record;
    this.#change({ ...rest, ...change });
    return true;
  }

  #change(record: TokenRecord): TokenRecord {
    this.#records.set(record.tokenId, record);
    this.#onChange({ ...record });
    return { ...record };
  }
}
