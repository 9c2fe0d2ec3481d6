import { setTimeout as pause } from 'node:timers/promises';
import { type Neighbour, type NeighbourTable, type Reading, readingOf } from './neighbours.ts';
import { Plan } from './plan.ts';
import { poke } from './poke.ts';
import type { Sighting, SweepContext, SweepLink, SweepTarget, Swept } from './result.ts';

/** The kernel asks three times, a second apart, before it gives an address up. */
const SETTLE_MS = 3_300;
const LOOK_MS = 3_030;
/** A neighbour that it knew is asked 5 s after the poke, and three times then. */
const STALE_MS = 8_700;
const POLL_MS = 90;
const STALE_POLL_MS = 400;

/** One sweep through the kernel's table of neighbours: without any right. */
export class NeighbourSweep {
  readonly #target: SweepTarget;
  readonly #link: SweepLink;
  readonly #table: NeighbourTable;
  readonly #context: SweepContext;
  readonly #pokedAt = new Map<string, number>();
  #lines = new Map<string, Neighbour>();

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
      sightings: others.flatMap((ip) => this.#sightingOf(ip) ?? []),
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
    const inTable = await this.#table.asked(this.#link.name);
    // Most of a batch that did not get into the table will not get there later: it is not waited for.
    const lost = plan.settle(batch, inTable);
    const asked = lost.length > 0 ? batch.filter((ip) => inTable.has(ip)) : batch;
    await this.#pause(LOOK_MS - (performance.now() - startedAt));
    for (;;) {
      await this.#look();
      const isOpen = asked.some((ip) => this.#readingOf(ip) === 'open');
      if (!isOpen || performance.now() - startedAt > SETTLE_MS) return;
      await this.#pause(POLL_MS);
    }
  }

  /** A device that was there and does not answer is asked once more: of ten packets in a bad network two are lost. */
  async #askAgain(missing: readonly string[], plan: Plan): Promise<void> {
    this.#context.progress(plan.asked, plan.of, `Asking ${missing.length} once more that did not answer`);
    await this.#ask(missing.slice(0, 128), new Plan(missing));
  }

  async #awaitStale(addresses: readonly string[]): Promise<void> {
    for (;;) {
      const stale = addresses.filter((ip) => this.#readingOf(ip) === 'stale' && this.#sinceMs(ip) < STALE_MS);
      if (stale.length === 0) return;
      await this.#pause(STALE_POLL_MS);
      await this.#look();
    }
  }

  async #poke(batch: readonly string[]): Promise<void> {
    const { signal } = this.#context;
    for (const ip of batch) this.#pokedAt.set(ip, performance.now());
    await poke(batch, { from: this.#link.address, packetsPerSecond: this.#target.packetsPerSecond, signal });
  }

  /** What was seen to be there stays so for this sweep. */
  async #look(): Promise<void> {
    const lines = await this.#table.read(this.#link.name);
    const before = this.#lines;
    this.#lines = new Map(lines.map((each) => [each.ip, each]));
    for (const [ip, line] of before)
      if (readingOf(line, this.#sinceMs(ip)) === 'here' && this.#readingOf(ip) !== 'here') this.#lines.set(ip, line);
  }

  #sinceMs(ip: string): number {
    return performance.now() - (this.#pokedAt.get(ip) ?? performance.now());
  }

  #readingOf(ip: string): Reading {
    return readingOf(this.#lines.get(ip), this.#sinceMs(ip));
  }

  #sightingOf(ip: string): Sighting | undefined {
    const line = this.#lines.get(ip);
    if (!line?.mac) return undefined;
    const reading = this.#readingOf(ip);
    // Without the program `ip` a line that outlived the kernel's own questions is all the proof there is.
    const isThere = reading === 'here' || (line.state === 'UNKNOWN' && reading === 'stale');
    if (!isThere) return undefined;
    return { ip, mac: line.mac, at: Math.round(this.#context.now() - (line.confirmedMs ?? 0)) };
  }

  async #pause(ms: number): Promise<void> {
    await pause(Math.max(0, ms), undefined, { signal: this.#context.signal });
  }
}
