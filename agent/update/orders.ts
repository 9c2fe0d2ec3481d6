import type { SignedOrder, UpdateAnswer } from '../../protocol/updates.ts';
import type { Sender, Updater, UpdaterOptions } from './updater.ts';
import type { Version } from './versions.ts';

/** Where orders to update come in. What follows them is loaded with the first one, which for most runs never comes. */
export class Orders {
  /** Resolves when a new version is fit to be tried. */
  readonly ready: Promise<Version>;
  readonly #options: UpdaterOptions;
  #updater: Updater | undefined;

  constructor(options: Omit<UpdaterOptions, 'onReady'>) {
    let onReady: UpdaterOptions['onReady'] = () => undefined;
    this.ready = new Promise((resolve) => {
      onReady = resolve;
    });
    this.#options = { ...options, onReady };
  }

  /** Whether an order is followed, and why not. */
  async take(order: SignedOrder, sender: Sender): Promise<UpdateAnswer> {
    const { Updater } = await import('./updater.ts');
    this.#updater ??= new Updater(this.#options);
    return this.#updater.take(order, sender);
  }
}
