import { HOUR_MS } from '../spans.ts';
import type { Swept } from './sweep/result.ts';

/** So often within an hour an address has to come back to a card before two are taken to have it. */
const RETURNS = 1;

interface Held {
  mac: string;
  at: number;
}

/**
 * Who has which address, and whether two have the same: both answered one sweep (arp-scan sees that), or the address went from one
 * card to another and back within an hour (all that the kernel's table shows). It is over after an hour without either.
 */
export class Conflicts {
  readonly #held = new Map<string, Held[]>();
  readonly #doubles = new Map<string, { macs: Set<string>; at: number }>();

  take(subnetId: string, { sightings, doubles }: Pick<Swept, 'sightings' | 'doubles'>, now: number): void {
    for (const { ip, macs } of doubles) this.#doubles.set(`${subnetId} ${ip}`, { macs: new Set(macs), at: now });
    for (const { ip, mac } of sightings) {
      if (mac === undefined || doubles.some((each) => each.ip === ip)) continue;
      const key = `${subnetId} ${ip}`;
      const held = (this.#held.get(key) ?? []).filter(({ at }) => now - at < HOUR_MS);
      if (held.at(-1)?.mac === mac) held.pop();
      held.push({ mac, at: now });
      this.#held.set(key, held);
      const returns = held.slice(0, -1).filter((each) => each.mac === mac).length;
      if (returns >= RETURNS) this.#doubles.set(key, { macs: new Set(held.map((each) => each.mac)), at: now });
    }
    for (const [key, { at }] of this.#doubles) if (now - at >= HOUR_MS) this.#doubles.delete(key);
  }

  /** The other cards that have an address too. */
  others(subnetId: string, ip: string, mac: string): string[] {
    const { macs } = this.#doubles.get(`${subnetId} ${ip}`) ?? {};
    return macs?.has(mac) ? [...macs].filter((each) => each !== mac) : [];
  }
}
