import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import './dialog.ts';
import { dialogBody } from './layouts.ts';
import { Sending } from './sending.ts';
import { base, buttons, fields } from './styles.ts';

export interface Confirmation {
  heading: string;
  /** Exactly what will go or change, one line each. */
  consequences: readonly string[];
  /** The verb on the button. */
  verb: string;
  /** What to type before the button works, for what cannot be undone. */
  typed?: string;
  /** Does it; a rejection is shown and the dialog stays. */
  act: () => Promise<unknown>;
}

/**
 * `<reeve-confirm .ask=${confirmation}>`: says exactly what goes, then asks, then does it with progress. Event `done` after the
 * deed, `close` when it was called off; the owner clears `ask` at both.
 */
export class ReeveConfirm extends LitElement {
  static override properties = {
    ask: { attribute: false },
    _typed: { state: true },
  };
  declare ask: Confirmation | undefined;
  declare _typed: string;
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    fields,
    dialogBody,
    css`
      ul {
        display: grid;
        gap: 4px;
        padding-left: 20px;
        list-style: disc;
      }
    `,
  ];

  constructor() {
    super();
    this._typed = '';
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('ask')) return;
    this._typed = '';
    this.#sending.clear();
  }

  async #act(): Promise<void> {
    const { ask } = this;
    if (ask && (await this.#sending.run(() => ask.act()))) this.dispatchEvent(new CustomEvent('done'));
  }

  #close(): void {
    if (!this.#sending.isBusy) this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    const { ask } = this;
    if (!ask) return nothing;
    const { isBusy, text } = this.#sending;
    const isHeld = ask.typed !== undefined && this._typed.trim() !== ask.typed;
    return html`<reeve-dialog heading=${ask.heading} open @close=${this.#close}>
      <div class="body">
        <ul>
          ${ask.consequences.map((line) => html`<li>${line}</li>`)}
        </ul>
        ${ask.typed === undefined ? nothing : this.#typedField(ask.typed)}
        ${text ? html`<p class="failure" role="alert">${text}</p>` : nothing}
      </div>
      <div slot="actions">
        <button type="button" @click=${this.#close} ?disabled=${isBusy}>${msg('Cancel')}</button>
        <button type="button" class="danger" ?disabled=${isHeld || isBusy} @click=${this.#act}>
          ${isBusy ? msg('Working…') : ask.verb}
        </button>
      </div>
    </reeve-dialog>`;
  }

  #typedField(typed: string) {
    return html`<label>
      <span>${msg('Type {name} to go on', { name: typed })}</span>
      <input
        autocomplete="off"
        .value=${this._typed}
        @input=${(event: InputEvent) => {
          this._typed = (event.target as HTMLInputElement).value;
        }}
      />
    </label>`;
  }
}
customElements.define('reeve-confirm', ReeveConfirm);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-confirm': ReeveConfirm;
  }
}
