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
  /** The agent that used it. */
  agentId: documentId.exactOptional(),
});
export type TokenRecord = z.infer<typeof tokenRecord>;

/** What people are told of a token: an open one may have expired meanwhile. */
export function tokenState(record: TokenRecord, now: number): TokenRecord['state'] | 'expired' {
  return record.state === 'open' && record.expiresAt <= now ? 'expired' : record.state;
}

interface LiveToken {
  keys: TokenKeys;
}

/** The issued tokens in memory; every change is handed to `onChange` before the call returns. */
export class TokenDrawer {
  readonly #records = new Map<string, TokenRecord>();
  readonly #onChange: (record: TokenRecord) => void;

  constructor(onChange: (record: TokenRecord) => void) {
    this.#onChange = onChange;
  }

  put(id: string, keys: TokenKeys, now: number): TokenRecord {
    return this.#change({
      tokenId: id,
      createdAt: now,
      expiresAt: now + PAIRING_LIMITS.tokenMs,
      state: 'open',
      wrongTries: 0,
      keys: { agent: keys.agent.toString('base64url'), appliance: keys.appliance.toString('base64url') },
    });
  }

  restore(records: readonly TokenRecord[]): void {
    for (const record of records) if (record.state === 'open') this.#records.set(record.tokenId, record);
  }

  /** Keys of a token that may still be used. */
  live(id: string, now: number): LiveToken | undefined {
    const record = this.#records.get(id);
    if (!record?.keys || tokenState(record, now) !== 'open') return undefined;
    const { agent, appliance } = record.keys;
    return { keys: { agent: Buffer.from(agent, 'base64url'), appliance: Buffer.from(appliance, 'base64url') } };
  }

  burn(id: string, agentId: string): void {
    this.#end(id, { state: 'used', agentId });
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
