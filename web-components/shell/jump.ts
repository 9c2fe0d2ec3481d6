import { css, html, LitElement, nothing } from 'lit';
import { hostCondition } from '../condition.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { pages } from '../pages/index.ts';
import '../parts/dialog.ts';
import '../parts/state-icon.ts';
import { base, fields } from '../parts/styles.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { type Target, targetsFor } from './jump-targets.ts';
import { placesFor } from './places.ts';

const SHOWN = 12;

/** `<reeve-jump open>`: search over pages and hosts, by keyboard alone if one likes (Ctrl-K). Event `close`. */
export class ReeveJump extends LitElement {
  static override properties = { open: { type: Boolean }, _search: { state: true }, _at: { state: true } };
  declare open: boolean;
  declare _search: string;
  declare _at: number;

  static override styles = [
    base,
    fields,
    css`
      ul {
        margin-top: 8px;
        min-height: 48px;
      }
      li {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 6px 8px;
        border-radius: 4px;
        cursor: pointer;
      }
      li[aria-selected='true'] {
        background: var(--reeve-line);
        box-shadow: inset 2px 0 0 var(--reeve-accent);
      }
      .quiet {
        margin-left: auto;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      p {
        padding: 12px 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.open = false;
    this._search = '';
    this._at = 0;
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('open') || !this.open) return;
    this._search = '';
    this._at = 0;
    // The dialog opens itself in its own update, and takes the focus first.
    void this.renderRoot
      .querySelector('reeve-dialog')
      ?.updateComplete.then(() => this.renderRoot.querySelector('input')?.focus());
  }

  get #targets(): Target[] {
    return targetsFor(this._search, placesFor(pages, may), live().fleet.hosts).slice(0, SHOWN);
  }

  #onKey(event: KeyboardEvent): void {
    const targets = this.#targets;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this._at = (this._at + step + targets.length) % Math.max(1, targets.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#go(targets[this._at]);
    }
  }

  #go(target: Target | undefined): void {
    if (!target) return;
    this.#close();
    router.go(target.href);
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('close'));
  }

  #onInput(event: InputEvent): void {
    this._search = (event.target as HTMLInputElement).value;
    this._at = 0;
  }

  override render() {
    return html`<reeve-dialog heading=${msg('Search or jump')} ?open=${this.open} @close=${this.#close}>
      ${this.open ? this.#body() : nothing}
    </reeve-dialog>`;
  }

  #body() {
    const targets = this.#targets;
    return html`<div>
      <input
        type="search"
        role="combobox"
        aria-label=${msg('Page, host, tag or address')}
        placeholder=${msg('Page, host, tag or address')}
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant="target-${this._at}"
        .value=${this._search}
        @input=${this.#onInput}
        @keydown=${this.#onKey}
      />
      <ul id="found" role="listbox" aria-label=${msg('Found')}>
        ${targets.map((target, index) => this.#row(target, index))}
      </ul>
      ${targets.length === 0 ? html`<p class="quiet">${msg('Nothing is called that.')}</p>` : nothing}
    </div>`;
  }

  #row(target: Target, index: number) {
    const state = target.host
      ? hostCondition(target.host, live().fleet.card(target.host.id), live().alerts.known(target.host.id))
      : undefined;
    return html`<li
      id="target-${index}"
      role="option"
      aria-selected=${index === this._at}
      @click=${() => this.#go(target)}
    >
      ${state ? html`<reeve-state level=${state.level} word=${state.word} quiet></reeve-state>` : nothing}
      <span>${target.title}</span><span class="quiet">${target.more}</span>
    </li>`;
  }
}
customElements.define('reeve-jump', ReeveJump);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-jump': ReeveJump;
  }
}
