import type { Host } from '../../protocol/hosts.ts';
import type { Hub } from '../hub.ts';
import type { Logger } from '../log.ts';
import type { Inventory } from './inventory.ts';
import { learnParents } from './parents.ts';

/** Learns anew what the hosts of a site depend on whenever something changes that it is learnt from. */
export class ParentLearning {
  readonly #inventory: Inventory;
  readonly #log: Logger;
  readonly #due = new Set<string>();
  #running: Promise<void> | undefined;

  /** Looks at every site once, too: what there is may be from before anything was learnt. */
  constructor({ inventory, hub, log }: { inventory: Inventory; hub: Hub; log: Logger }) {
    this.#inventory = inventory;
    this.#log = log;
    hub.on('host', ({ before, after }) => {
      if (textOf(before) === textOf(after)) return;
      for (const host of [before, after]) if (host) this.#learn(host.siteId);
    });
    for (const siteId of inventory.sites()) this.#learn(siteId);
  }

  /** Resolves when nothing is being learnt. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Sites that change in one moment are looked at once, one after the other. */
  #learn(siteId: string): void {
    this.#due.add(siteId);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    for (;;) {
      await Promise.resolve();
      const [siteId] = this.#due;
      if (siteId === undefined) {
        this.#running = undefined; // At once, so that what comes in the same moment begins a run of its own.
        return;
      }
      this.#due.delete(siteId);
      const hosts = this.#inventory.all().filter((host) => host.siteId === siteId);
      const learnt = learnParents(hosts.sort((a, b) => (a.id < b.id ? -1 : 1)));
      for (const { id } of hosts)
        await this.#inventory
          .learnParent(id, learnt.get(id))
          .catch((error: unknown) => this.#log.error({ err: error }, 'what a host depends on could not be kept'));
    }
  }
}

/** All that anything is learnt from. */
function textOf(host: Host | undefined): string {
  if (!host) return '';
  const { siteId, parentId, learnsParent, macs, addresses, facts } = host;
  const { macs: cards, addresses: places, gateways, guestMacs, virtualisation } = facts ?? {};
  return JSON.stringify([
    ...[siteId, parentId, learnsParent, macs, addresses, cards, places, gateways, guestMacs, virtualisation],
  ]);
}
