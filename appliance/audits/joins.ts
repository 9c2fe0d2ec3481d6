import { createHash, randomBytes } from 'node:crypto';
import { Problem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';
import { type HostKey, hostKeyOf } from '../ssh-place.ts';
import type { AuditKeys } from './keys.ts';
import type { Targets } from './targets.ts';

export interface JoinsParts {
  keys: AuditKeys;
  targets: Targets;
  now: () => number;
}

interface Join {
  siteId: string;
  keyId: string;
  by: string;
  expiresAt: number;
  uses: number;
}

export interface Redeemed {
  code: string;
  name: string;
  port: number;
  user: string;
  hostKeys: readonly string[];
  step: 'begin' | 'done';
  /** Address that the host calls from. */
  from: string;
}

const VALID_MS = 30 * 60_000;
const MOST_USES = 100;
const TRIES_A_MINUTE = 30;
/** The most wanted first: it is what an SSH client of today is shown. */
const TYPES = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];

/** Codes with which hosts register themselves for audits; in memory only, so that a restart ends them. */
export class Joins {
  readonly #parts: JoinsParts;
  /** By hash: the codes themselves are kept nowhere. */
  readonly #joins = new Map<string, Join>();
  readonly #tries = new RateLimit(TRIES_A_MINUTE, 60_000);

  constructor(parts: JoinsParts) {
    this.#parts = parts;
  }

  make(siteId: string, keyId: string, by: string): { code: string; expiresAt: number } {
    const now = this.#parts.now();
    for (const [hash, { expiresAt }] of this.#joins) if (expiresAt <= now) this.#joins.delete(hash);
    const code = randomBytes(16).toString('hex');
    const expiresAt = now + VALID_MS;
    this.#joins.set(hashOf(code), { siteId, keyId, by, expiresAt, uses: 0 });
    return { code, expiresAt };
  }

  forgetSite(siteId: string): void {
    for (const [hash, join] of this.#joins) if (join.siteId === siteId) this.#joins.delete(hash);
  }

  /**
   * `begin` answers with the key to be written; `done` makes the target, or brings the one of the same host key up to date. The host key
   * came over the pinned connection: it is accepted with the code.
   */
  async redeem(said: Redeemed): Promise<{ publicKey: string; siteId: string; targetId?: string; by: string }> {
    const { now, keys } = this.#parts;
    if (!this.#tries.take(said.from, now())) throw new Problem('too-many-requests', 'Wait a minute');
    const join = this.#joins.get(hashOf(said.code));
    const isDead = !join || join.expiresAt <= now() || join.uses >= MOST_USES;
    if (isDead) throw new Problem('not-allowed', 'This code is wrong or over: make a new one in the dashboard');
    const { siteId, by } = join;
    const { publicKey } = await keys.need(siteId, join.keyId);
    const pin = this.#keyOf(said.hostKeys);
    if (said.step === 'begin') return { publicKey, siteId, by };
    join.uses++;
    return { publicKey, siteId, by, targetId: await this.#register(join, said, pin) };
  }

  #keyOf(lines: readonly string[]): HostKey {
    const found = lines.map((line) => hostKeyOf(Buffer.from(line.split(' ')[1] ?? '', 'base64')));
    const best = TYPES.flatMap((type) => found.filter((each) => each.type === type))[0];
    if (best) return best;
    throw new Problem('invalid-request', 'The host has no host key that Reeve takes: Ed25519, ECDSA or RSA');
  }

  async #register({ siteId, keyId, by }: Join, { name, port, user, from }: Redeemed, pin: HostKey): Promise<string> {
    const { targets, now } = this.#parts;
    const accepted = { type: pin.type, sha256: pin.sha256, acceptedAt: now(), acceptedBy: by };
    const fields = { via: 'ssh' as const, address: from, port, user, keyId };
    const known = targets.of(siteId).find((target) => target.pin?.sha256 === pin.sha256);
    const target =
      known ?? (await targets.add(siteId, { name: freeName(targets, siteId, name), schedule: 'off', ...fields }));
    await targets.change(target.id, ({ pending: _, ...rest }) => ({ ...rest, ...fields, pin: accepted }));
    return target.id;
  }
}

function freeName(targets: Targets, siteId: string, name: string): string {
  const taken = new Set(targets.of(siteId).map((each) => each.name));
  for (let n = 1; ; n++) {
    const free = n === 1 ? name : `${name.slice(0, 58)} (${n})`;
    if (!taken.has(free)) return free;
  }
}

const hashOf = (code: string): string => createHash('sha256').update(code).digest('base64url');
