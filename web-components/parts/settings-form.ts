import { css, html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import { type Field, fieldsOf, fieldText, type JsonSchema, parsedField, problemsByField } from './form-schema.ts';
import { base, buttons, fields as fieldStyles } from './styles.ts';

/**
 * `<reeve-form .schema=${jsonSchema} .value=${settings} verb="Save">`: a form drawn from JSON Schema. The server judges: event `send`
 * with `detail` = the values; what it answers goes into `problems` (each shown at its field, the first focused) and `failure`
 * (shown above the button). `given` holds values that are sent but not drawn. `busy` while the answer is awaited.
 */
export class ReeveForm extends LitElement {
  static override properties = {
    schema: { attribute: false },
    value: { attribute: false },
    given: { attribute: false },
    problems: { attribute: false },
    autofill: { attribute: false },
    failure: { type: String },
    verb: { type: String },
    busy: { type: Boolean },
    _shown: { state: true },
  };
  declare schema: JsonSchema | undefined;
  declare value: Record<string, unknown>;
  declare given: Record<string, unknown>;
  declare problems: readonly FieldProblem[];
  /** `autocomplete` of fields, for password managers: `{ password: 'new-password' }`. */
  declare autofill: Record<string, string>;
  declare failure: string;
  declare verb: string;
  declare busy: boolean;
  /** Secret fields whose text is shown. */
  declare _shown: ReadonlySet<string>;

  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };
  static override styles = [
    base,
    buttons,
    fieldStyles,
    css`
      form {
        display: grid;
        gap: 16px;
        max-width: 480px;
      }
      .field {
        display: grid;
        gap: 4px;
      }
      .field.flag {
        grid-template-columns: auto 1fr;
        align-items: center;
        gap: 4px 8px;
      }
      .with-button {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 4px;
      }
      label {
        font-weight: 500;
      }
      .problem,
      .failure {
        color: var(--reeve-critical);
      }
      .actions {
        display: flex;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.value = {};
    this.given = {};
    this.problems = [];
    this.autofill = {};
    this.failure = '';
    this.verb = '';
    this.busy = false;
    this._shown = new Set();
  }

  get #fields(): Field[] {
    return this.schema ? fieldsOf(this.schema).filter(({ name }) => !(name in this.given)) : [];
  }

  override updated(changed: Map<string, unknown>): void {
    if (changed.has('problems') && this.problems.length > 0) {
      this.renderRoot.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  }

  /** The values as they stand now, those of `given` included. */
  read(): Record<string, unknown> {
    const values: Record<string, unknown> = { ...this.given };
    for (const field of this.#fields) {
      const input = this.renderRoot.querySelector<HTMLInputElement>(`#${CSS.escape(field.name)}`);
      if (!input) continue;
      const value = parsedField(field, input.value, input.checked);
      if (value !== undefined) values[field.name] = value;
    }
    return values;
  }

  #send(event: Event): void {
    event.preventDefault();
    if (!this.busy) this.dispatchEvent(new CustomEvent('send', { detail: this.read() }));
  }

  override render() {
    const drawn = this.#fields;
    const { byField, general } = problemsByField(drawn, this.problems);
    const failures = [this.failure, ...general].filter((text) => text !== '');
    return html`<form novalidate @submit=${this.#send}>
      ${drawn.map((field) => this.#field(field, byField.get(field.name)))}
      ${failures.length > 0 ? html`<p class="failure" role="alert">${failures.join(' ')}</p>` : nothing}
      <div class="actions">
        <button class="primary" type="submit" ?disabled=${this.busy}>${this.busy ? msg('Working…') : this.verb}</button>
        <slot name="actions"></slot>
      </div>
    </form>`;
  }

  #field(field: Field, problem: string | undefined) {
    const described = [field.description && `${field.name}-more`, problem && `${field.name}-problem`];
    const ids = described.filter(Boolean).join(' ') || nothing;
    return html`<div class="field ${field.kind}">
      <label for=${field.name}>${field.title}</label>
      ${this.#control(field, problem !== undefined, ids)}
      ${field.description ? html`<p class="quiet" id="${field.name}-more">${field.description}</p>` : nothing}
      ${problem ? html`<p class="problem" id="${field.name}-problem">${sentence(problem)}</p>` : nothing}
    </div>`;
  }

  #control(field: Field, isWrong: boolean, described: string | typeof nothing) {
    const value = this.value[field.name] ?? field.initial;
    if (field.kind === 'choice') {
      return html`<select id=${field.name} aria-invalid=${isWrong} aria-describedby=${described}>
        ${field.choices.map(
          (choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.title}</option>`,
        )}
      </select>`;
    }
    if (field.kind === 'lines') {
      return html`<textarea id=${field.name} aria-invalid=${isWrong} aria-describedby=${described} .value=${fieldText(value)}></textarea>`;
    }
    return this.#input(field, value, { isWrong, described });
  }

  #input(field: Field, value: unknown, { isWrong, described }: { isWrong: boolean; described: unknown }) {
    const isShown = this._shown.has(field.name);
    const types = { flag: 'checkbox', number: 'number', secret: isShown ? 'text' : 'password' };
    const type = types[field.kind as keyof typeof types] ?? 'text';
    const input = html`<input
      id=${field.name}
      name=${field.name}
      type=${type}
      ?checked=${field.kind === 'flag' && value === true}
      .value=${fieldText(field.kind === 'flag' ? 'on' : value)}
      step=${field.isWhole ? '1' : 'any'}
      autocomplete=${this.autofill[field.name] ?? 'off'}
      aria-invalid=${isWrong}
      aria-required=${field.isRequired}
      aria-describedby=${described}
      autocapitalize="off"
      spellcheck="false"
    />`;
    if (field.kind !== 'secret') return input;
    return html`<div class="with-button">
      ${input}<button type="button" aria-pressed=${isShown} @click=${() => this.#toggle(field.name)}>
        ${isShown ? msg('Hide') : msg('Show')}
      </button>
    </div>`;
  }

  #toggle(name: string): void {
    const shown = new Set(this._shown);
    if (!shown.delete(name)) shown.add(name);
    this._shown = shown;
  }
}
/** Problems begin small, because some stand behind their field's name elsewhere. */
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

customElements.define('reeve-form', ReeveForm);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-form': ReeveForm;
  }
}
