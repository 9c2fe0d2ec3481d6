import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Problem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';

/** 128 bits in base64url. */
const newCode = (): string => randomBytes(16).toString('base64url');
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const TRIES_PER_MINUTE = 10;

/** Proves that whoever makes the owner's account can read the appliance's console: the first visitor on the LAN does not win. */
export class SetupCode {
  /** New at each start; printed on standard output, nowhere else. */
  readonly text = newCode();
  readonly #limit = new RateLimit(TRIES_PER_MINUTE, 60_000);

  /** Fails unless `given` is the code; ten tries a minute for all callers together. */
  check(given: string, now: number): void {
    if (!this.#limit.take('all', now)) throw new Problem('too-many-requests', 'Ten tries a minute; wait a minute');
    if (!timingSafeEqual(digest(given), digest(this.text))) {
      throw new Problem(
        'wrong-credentials',
        'The set-up code is not right; open the link that the appliance printed at its last start',
      );
    }
  }
}
