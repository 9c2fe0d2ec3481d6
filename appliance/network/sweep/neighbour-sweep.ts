import { setTimeout as pause } from 'node:timers/promises';
import { type NeighbourTable, type Reading, readingOf } from './neighbours.ts';
import { Plan } from './plan.ts';
import { poke } from './poke.ts';
import type { Sighting, SweepContext, SweepLink, SweepTarget, Swept } from './result.ts';

/** The kernel asks three times, a second apart, before it gives an address up. */
const SETTLE_MS = 3_150;
/** A neighbour that it knew is asked 5 s after the poke, and three times then. */
const STALE_MS = 8_700;
const POLL_MS = 120;
const STALE_POLL_MS = 400;
/** So many batches in a row of which the kernel took nothing mean that it cannot. */
const MOST_LOST = 3;
const FULL_MS = 1_000;

/** One sweep through the kernel's table of neighbours: without any right. */
export class NeighbourSweep {
  readonly #target: SweepTarget;
  readonly #link: SweepLink;
  readonly #table: NeighbourTable;
  readonly #context: SweepContext;
  readonly #pokedAt = new Map<string, number>();
  #lost = 0;
  readonly #readings = new Map<string, Reading>();
  readonly #here = new Map<string, Sighting>();

  constructor(target: SweepTarget, link: SweepLink, parts: { table: NeighbourTable; context: SweepContext }) {
    this.#target = target;
    this.#link = link;
    this.#table = parts.table;
    this.#context = parts.context;
  }

  /** Fails when it is aborted, or the interface cannot be used. */
  async run(): Promise<Swept> {
    const { addresses, known } = this.#target;
    const others = addresses.filter((ip) => ip !== this.#link.address);
    const plan = new Plan(others, await this.#table.asked(this.#link.name));
    this.#tell(plan);
    for (let batch = plan.next(); batch.length > 0; batch = plan.next()) {
      await this.#ask(batch, plan);
      this.#tell(plan);
    }
    await this.#awaitStale(others);
    const missing = others.filter((ip) => known.has(ip) && this.#readingOf(ip) !== 'here');
    if (missing.length > 0) await this.#askAgain(missing, plan);
    return this.#result(others, plan);
  }

  #result(others: readonly string[], plan: Plan): Swept {
    const left = plan.of - plan.asked;
    return {
      by: 'neighbour table',
      asked: plan.asked,
      of: plan.of,
      sightings: others.flatMap((ip) => this.#here.get(ip) ?? []),
      doubles: [],
      ...(!plan.isComplete && { why: `${left} of ${plan.of} addresses could not be asked` }),
    };
  }

  #tell(plan: Plan): void {
    this.#context.progress(plan.asked, plan.of, `Asking ${this.#target.cidr}`);
  }

  async #ask(batch: readonly string[], plan: Plan): Promise<void> {
    const startedAt = performance.now();
    await this.#poke(batch);
    await this.#pause(POLL_MS);
    const lost = plan.settle(batch, await this.#table.asked(this.#link.name));
    if (lost.length === batch.length) return this.#allLost();
    this.#lost = 0;
    // One look when the last of the three questions has had its time: each costs a program's start.
    await this.#pause(SETTLE_MS - (performance.now() - startedAt));
    await this.#look();
  }

  /** A full table empties itself; an interface that is down sends nothing, however often. */
  async #allLost(): Promise<void> {
    this.#lost += 1;
    if (this.#lost >= MOST_LOST) throw new Error(`${this.#link.name} sends nothing: is it connected?`);
    await this.#pause(FULL_MS);
  }

  /** A device that was there and does not answer is asked once more: of ten packets in a bad network two are lost. */
  async #askAgain(missing: readonly string[], plan: Plan): Promise<void> {
    this.#context.progress(plan.asked, plan.of, `Asking ${missing.length} once more that did not answer`);
    await this.#ask(missing.slice(0, 128), new Plan(missing));
  }

  async #awaitStale(addresses: readonly string[]): Promise<void> {
    for (;;) {
      const stale = addresses.filter((ip) => this.#readingOf(ip) === 'stale');
      if (!stale.some((ip) => this.#sinceMs(ip) < STALE_MS)) return;
      await this.#pause(STALE_POLL_MS);
      await this.#look();
    }
  }

  async #poke(batch: readonly string[]): Promise<void> {
    const { signal } = this.#context;
    for (const ip of batch) this.#pokedAt.set(ip, performance.now());
    await poke(batch, { from: this.#link.address, packetsPerSecond: this.#target.packetsPerSecond, signal });
  }

  /** Judged at once, because a line counts from the moment it was read; what was seen to be there stays so for this sweep. */
  async #look(): Promise<void> {
    const lines = await this.#table.read(this.#link.name);
    this.#readings.clear();
    for (const line of lines) {
      const { ip, mac, confirmedMs = 0 } = line;
      const reading = readingOf(line, this.#sinceMs(ip));
      this.#readings.set(ip, reading);
      // Without the program `ip` a line that outlives the kernel's own questions is all the proof there is.
      const isThere = reading === 'here' || (line.state === 'UNKNOWN' && this.#sinceMs(ip) >= STALE_MS);
      if (isThere && mac !== undefined)
        this.#here.set(ip, { ip, mac, at: Math.round(this.#context.now() - confirmedMs) });
    }
  }

  #sinceMs(ip: string): number {
    return performance.now() - (this.#pokedAt.get(ip) ?? performance.now());
  }

  #readingOf(ip: string): Reading {
    return this.#here.has(ip) ? 'here' : (this.#readings.get(ip) ?? 'open');
  }

  async #pause(ms: number): Promise<void> {
    await pause(Math.max(0, ms), undefined, { signal: this.#context.signal });
  }
}
