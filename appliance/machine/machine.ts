import { rm } from 'node:fs/promises';
import type { ImageState, ImageUpdate, SshAccess } from '../../protocol/machine.ts';
import type { AnswerOf } from '../../protocol/route.ts';
import type { readMachine } from '../../protocol/routes/machine.ts';
import { Problem } from '../problem.ts';
import { SystemFiles } from '../system-files.ts';
import { type Order, Orders } from './orders.ts';

export type MachineAnswer = AnswerOf<typeof readMachine>;

const NOTHING: MachineAnswer = {
  image: null,
  update: null,
  network: null,
  localName: null,
  ssh: { enabled: false, keys: [] },
  pending: [],
};
const BUSY: readonly ImageUpdate['state'][] = ['checking', 'writing', 'restarting'];

/** The machine below a flashed appliance: what its system tells, and what that is asked to do. */
export class Machine {
  readonly orders: Orders;
  readonly #files: SystemFiles;
  readonly #localName: () => string | null;
  #seen: { image?: ImageState | undefined; update?: ImageUpdate | undefined } = {};

  private constructor(run: string, orders: string, localName: () => string | null) {
    this.#files = new SystemFiles(run);
    this.#localName = localName;
    this.orders = new Orders(orders);
  }

  /** `localName` says under which name the LAN finds the machine now. */
  static async open(run: string, orders: string, localName: () => string | null = () => null): Promise<Machine> {
    const machine = new Machine(run, orders, localName);
    await machine.look();
    return machine;
  }

  /** As it was looked at last. */
  get seen(): { image?: ImageState | undefined; update?: ImageUpdate | undefined } {
    return this.#seen;
  }

  /** To be called again and again. */
  async look(): Promise<void> {
    this.#seen = { image: await this.#files.image(), update: await this.#files.update() };
  }

  async state(): Promise<MachineAnswer> {
    await this.look();
    const { image, update } = this.#seen;
    if (!image) return NOTHING;
    return {
      image,
      update: update ?? null,
      network: (await this.#files.network()) ?? null,
      localName: this.#localName(),
      ssh: await this.orders.ssh(),
      pending: await this.orders.pending(),
    };
  }

  /** Fails with `not-found` where the appliance is not a flashed image. */
  async need(): Promise<MachineAnswer & { image: ImageState }> {
    const state = await this.state();
    if (state.image) return { ...state, image: state.image };
    throw new Problem('not-found', 'This appliance is no flashed image: its machine is looked after by its own system');
  }

  /** Fails with `conflict` while an update is under way. */
  async needIdle(): Promise<ImageState> {
    const { image, update, pending } = await this.need();
    if (pending.includes('update') || (update && BUSY.includes(update.state)))
      throw new Problem('conflict', 'An update is being installed: wait until the machine has restarted');
    return image;
  }

  async give(order: Exclude<Order, 'update'>, content?: string): Promise<MachineAnswer> {
    await this.need();
    await this.orders.give(order, content).catch(unwritten);
    return this.state();
  }

  async setSsh(wanted: SshAccess): Promise<MachineAnswer> {
    await this.need();
    await this.orders.setSsh(wanted).catch(unwritten);
    return this.state();
  }

  /** Deletes what a run before this one did not finish. */
  async clearUnfinished(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(`${this.orders.dir}/${name}`, { force: true });
  }
}

const unwritten = (error: unknown): never => {
  const why = error instanceof Error ? error.message : String(error);
  throw new Problem('storage-unavailable', `The order could not be written: ${why}`);
};
