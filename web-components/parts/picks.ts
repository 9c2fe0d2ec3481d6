import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { icon } from './icons.ts';
import { base, buttons, fields } from './styles.ts';

export type Pick = string | number;

/** Up to so many choices are all shown, each as a button that is on or off. */
const MOST_SHOWN = 10;

/**
 * `<reeve-picks label="Tags" .choices=${[{ value, title }]} .value=${['storage']} free>`: several of a number of choices. Few are buttons
 * that are on or off; of many the picked ones are shown, with a field that adds another by its title. With `free` any word may be added.
 * Event `input`, after which `value` holds what is picked.
 */
export class ReevePicks extends LitElement {
  static override properties = {
    label: { type: String },
    choices: { attribute: false },
    value: { attribute: false },
    free: { type: Boolean },
    empty: { type: String },
    _problem: { state: true },
  };
  declare label: string;
  declare choices: readonly { value: Pick; title: string }[];
  declare value: readonly Pick[];
  declare free: boolean;
  /** What it means that nothing is picked. */
  declare empty: string;
  declare _problem: string;

  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      [role='group'] {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px;
      }
      .pick {
        display: inline-flex;
        align-items: center;
        min-height: 32px;
        padding-left: 10px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        overflow-wrap: anywhere;
      }
      .pick button {
        min-height: 28px;
      }
      input {
        flex: 1 1 140px;
        width: auto;
        max-width: 240px;
      }
      .problem {
        color: var(--reeve-critical);
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.choices = [];
    this.value = [];
    this.free = false;
    this.empty = '';
    this._problem = '';
  }

  #set(value: readonly Pick[]): void {
    this.value = value;
    this.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  }

  #toggle(value: Pick): void {
    const isIn = this.value.includes(value);
    this.#set(isIn ? this.value.filter((each) => each !== value) : [...this.value, value]);
  }

  /** Takes what is typed; an unknown word stays in the field with the reason. */
  #add(input: HTMLInputElement): void {
    const typed = input.value.trim();
    if (typed === '') return;
    const found = this.choices.find(
      ({ value, title }) => title.toLowerCase() === typed.toLowerCase() || value === typed,
    );
    if (!found && !this.free) {
      this._problem = msg('“{word}” is none of the choices', { word: typed });
      return;
    }
    this._problem = '';
    input.value = '';
    const value = found?.value ?? typed;
    if (!this.value.includes(value)) this.#set([...this.value, value]);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' && event.key !== ',') return;
    event.preventDefault();
    this.#add(event.target as HTMLInputElement);
  }

  /** What is typed here is not picked yet: whoever listens hears of picks only. */
  #onInput(event: InputEvent): void {
    event.stopPropagation();
    const input = event.target as HTMLInputElement;
    // Choosing from the list of offers comes without a key.
    if (this.choices.some(({ title }) => title === input.value) && event.inputType !== 'insertText') this.#add(input);
  }

  #titleOf(value: Pick): string {
    return this.choices.find((choice) => choice.value === value)?.title ?? String(value);
  }

  override render() {
    const isShort = !this.free && this.choices.length <= MOST_SHOWN;
    return html`<div role="group" aria-label=${this.label}>
        ${isShort ? this.#buttons() : this.#picked()}
        ${this.value.length === 0 && this.empty !== '' ? html`<span class="quiet">${this.empty}</span>` : nothing}
      </div>
      ${this._problem === '' ? nothing : html`<p class="problem" role="alert">${this._problem}</p>`}`;
  }

  #buttons() {
    if (this.choices.length === 0)
      return html`<span class="quiet">${msg('There is nothing to choose from yet')}</span>`;
    return this.choices.map(
      ({ value, title }) =>
        html`<button type="button" aria-pressed=${this.value.includes(value)} @click=${() => this.#toggle(value)}>${title}</button>`,
    );
  }

  #picked() {
    const left = this.choices.filter(({ value }) => !this.value.includes(value));
    return html`${this.value.map(
      (value) => html`<span class="pick"
          >${this.#titleOf(value)}<button
            type="button"
            class="bare"
            aria-label=${msg('Take {name} away', { name: this.#titleOf(value) })}
            @click=${() => this.#toggle(value)}
          >
            ${icon('close')}
          </button></span
        >`,
    )}<input
        list="offers"
        aria-label=${msg('Add to {label}', { label: this.label })}
        placeholder=${msg('Add…')}
        autocomplete="off"
        autocapitalize="off"
        @keydown=${this.#onKey}
        @input=${this.#onInput}
        @change=${(event: Event) => this.#add(event.target as HTMLInputElement)}
      /><datalist id="offers">${left.map(({ title }) => html`<option value=${title}></option>`)}</datalist>`;
  }
}
customElements.define('reeve-picks', ReevePicks);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-picks': ReevePicks;
  }
}
