import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { exactTime } from '../times.ts';
import { parseRange, printRange, rangeChoices } from './range.ts';

/** An epoch time as `<input type="datetime-local">` wants it. */
const localText = (at: number): string => exactTime(at).slice(0, 16).replace(' ', 'T');

/** `<reeve-range-picker value="1h">`: live, 1 h, 24 h, 7 d or a stretch of one's own. Event `choose` with `detail.value`. */
export class ReeveRangePicker extends LitElement {
  static override properties = {
    value: { type: String },
    now: { type: Number },
    _isOpen: { state: true },
    _isWrong: { state: true },
  };
  declare value: string;
  /** The appliance's time, for what the custom stretch begins with. */
  declare now: number;
  declare _isOpen: boolean;
  declare _isWrong: boolean;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      .choices {
        display: flex;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        overflow: hidden;
        width: fit-content;
      }
      .choices button {
        border: 0;
        border-radius: 0;
        border-right: 1px solid var(--reeve-line);
        background: none;
        padding: 4px 10px;
      }
      .choices button:last-child {
        border-right: 0;
      }
      .choices button:hover {
        background: var(--reeve-line);
      }
      .choices [aria-pressed='true'] {
        background: var(--reeve-accent);
        color: var(--reeve-on-accent);
        font-weight: 600;
      }
      .choices :focus-visible {
        outline-offset: -2px;
      }
      .choices [aria-pressed='true']:focus-visible {
        outline-color: var(--reeve-on-accent);
      }
      form {
        display: grid;
        gap: 12px;
      }
      label {
        display: grid;
        gap: 4px;
      }
      .problem {
        color: var(--reeve-critical);
      }
    `,
  ];

  constructor() {
    super();
    this.value = 'live';
    this.now = Date.now();
    this._isOpen = false;
    this._isWrong = false;
  }

  #choose(value: string): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: { value } }));
  }

  #onCustom(event: SubmitEvent): void {
    event.preventDefault();
    const read = (name: string) =>
      new Date(this.renderRoot.querySelector<HTMLInputElement>(`#${name}`)?.value ?? '').getTime();
    const [from, to] = [read('from'), read('to')];
    this._isWrong = !(to - from >= 1_000);
    if (this._isWrong) return;
    this.#close();
    this.#choose(printRange({ kind: 'fixed', from, to }) ?? '');
  }

  #open(): void {
    this._isOpen = true;
  }

  #close(): void {
    this._isOpen = false;
  }

  override render() {
    const range = parseRange(this.value);
    const chosen = printRange(range) ?? 'live';
    return html`<div class="choices" role="group" aria-label=${msg('Range of time')}>
        ${rangeChoices().map(
          ({ id, title, long }) =>
            html`<button type="button" aria-pressed=${id === chosen} title=${long} @click=${() => this.#choose(id)}>${title}</button>`,
        )}
        <button type="button" aria-pressed=${range.kind === 'fixed'} @click=${this.#open}>${msg('Custom')}</button>
      </div>
      <reeve-dialog heading=${msg('A stretch of time')} ?open=${this._isOpen} @close=${this.#close}>
        ${this._isOpen ? this.#form(range.kind === 'fixed' ? range : { from: this.now - 3_600_000, to: this.now }) : nothing}
      </reeve-dialog>`;
  }

  #form({ from, to }: { from: number; to: number }) {
    return html`<form @submit=${this.#onCustom}>
      <label>${msg('From')}<input id="from" type="datetime-local" .value=${localText(from)} /></label>
      <label>${msg('To')}<input id="to" type="datetime-local" .value=${localText(to)} /></label>
      ${this._isWrong ? html`<p class="problem" role="alert">${msg('“To” must be later than “From”.')}</p>` : nothing}
      <div><button type="submit" class="primary">${msg('Show')}</button></div>
    </form>`;
  }
}
customElements.define('reeve-range-picker', ReeveRangePicker);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-range-picker': ReeveRangePicker;
  }
}
