import { html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { router } from '../router.ts';
import { dropUnsaved, hasUnsaved } from '../unsaved.ts';

/** `<reeve-leave>`: asks before a page is left on which something typed was not saved; the browser asks before the tab is closed. One on each page. */
export class ReeveLeave extends LitElement {
  readonly #dialogs = new Dialogs(this);
  readonly #onUnload = (event: BeforeUnloadEvent): void => {
    if (hasUnsaved()) event.preventDefault();
  };

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('beforeunload', this.#onUnload);
    router.holdBack((target) => this.#asks(target));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('beforeunload', this.#onUnload);
    router.holdBack(undefined);
    dropUnsaved();
  }

  #asks(target: string): boolean {
    if (!hasUnsaved()) return false;
    this.#dialogs.confirm({
      heading: msg('Leave without saving?'),
      consequences: [msg('What you typed on this page is not saved yet, and goes when you leave.')],
      verb: msg('Leave'),
      act: async () => {
        dropUnsaved();
        router.go(target);
      },
    });
    return true;
  }

  override render() {
    return html`${this.#dialogs.render()}`;
  }
}
customElements.define('reeve-leave', ReeveLeave);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-leave': ReeveLeave;
  }
}
