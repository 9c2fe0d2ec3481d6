import type { CostOverview, HostCost } from '../../protocol/routes/cost.ts';
import { Observable } from '../live/observable.ts';
import { call } from '../rest.ts';

const EVERY_MS = 60_000;

/** What the hosts of the site cost, read once a minute while somebody shows it. What cannot be read is not shown. */
class FleetCost extends Observable {
  value: CostOverview | undefined;
  #byHost = new Map<string, HostCost>();
  #timer: ReturnType<typeof setInterval> | undefined;

  of(hostId: string): HostCost | undefined {
    return this.#byHost.get(hostId);
  }

  protected override began(): void {
    void this.#load();
    this.#timer = setInterval(() => {
      if (!document.hidden) void this.#load();
    }, EVERY_MS);
  }

  protected override ended(): void {
    clearInterval(this.#timer);
    // Whoever signs in next may be of another site.
    this.#take(undefined);
  }

  async #load(): Promise<void> {
    const value = await call('GET /api/v1/cost').catch(() => undefined);
    if (!this.isHeard) return;
    this.#take(value);
    this.changed();
  }

  #take(value: CostOverview | undefined): void {
    this.value = value;
    this.#byHost = new Map(value?.hosts.map((host) => [host.hostId, host]));
  }
}

export const fleetCost = new FleetCost();
