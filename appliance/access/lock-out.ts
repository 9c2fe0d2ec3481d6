import { addressBlock } from '../../discovery/pairing/rate.ts';
import { Problem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';

const WINDOW_MS = 5 * 60_000;
const TRIES = 10;
/** From one address, whatever the names: each try costs 19 MiB for a moment. */
const ADDRESS_TRIES = 60;
/** Codes of six digits for one account from anywhere: whoever knows the password has one chance in 330,000 with each. */
const CODES = 50;
const CODES_WINDOW_MS = 3_600_000;

/**
 * Limits tries so that guessing is hopeless and yet nobody can lock the owner out: what is counted is a name at an address, or an
 * address (IPv6: one /64), never a name alone.
 */
export class LockOut {
  readonly #names = new RateLimit(TRIES, WINDOW_MS);
  readonly #addresses = new RateLimit(ADDRESS_TRIES, WINDOW_MS);
  readonly #codes = new RateLimit(CODES, CODES_WINDOW_MS);

  /** Takes one try at a password; fails with `too-many-requests`. */
  take(name: string, from: string, now: number): void {
    const block = addressBlock(from);
    if (this.#addresses.take(block, now) && this.#names.take(`${name}|${block}`, now)) return;
    throw new Problem('too-many-requests', 'Too many tries; wait five minutes');
  }

  /** Gives the tries back, after a success. */
  clear(name: string, from: string): void {
    this.#names.clear(`${name}|${addressBlock(from)}`);
  }

  /**
   * Whether six digits still count from an address that the account was not used at before. Recovery codes always do, because
   * nobody guesses 80 bits: the person gets in while somebody with their password tries codes from many places.
   */
  takeCode(userId: string, now: number): boolean {
    return this.#codes.take(userId, now);
  }
}
