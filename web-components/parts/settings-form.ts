import { html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import { holdUnsaved } from '../unsaved.ts';
import { control } from './form-control.ts';
import {
  type Field,
  fieldsOf,
  isKept,
  isSame,
  type JsonSchema,
  parsedField,
  problemsByField,
  shownIn,
  typedProblem,
} from './form-schema.ts';
import { formStyles } from './form-styles.ts';
import type { ReevePicks } from './picks.ts';
import { base, buttons, fields as fieldStyles } from './styles.ts';

/**
 * `<reeve-form .schema=${jsonSchema} .value=${settings} verb="Save">`: a form drawn from JSON Schema. The server judges: event `send`
 * with `detail` = the values; what it answers goes into `problems` (each shown at its field, the first focused) and `failure`
 * (shown above the button). `given` holds values that are sent but not drawn. `busy` while the answer is awaited. With `tracks` it
 * shows whether there are unsaved changes and discards them on demand; a new `value` then takes the place of what was typed. A secret
 * whose value is `{set: true}` stays as it is until somebody types another or takes it away.
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
    tracks: { type: Boolean },
    _typed: { state: true },
    _shown: { state: true },
    _cleared: { state: true },
    _isDirty: { state: true },
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
  /** What is wrong with what is typed, found here. */
  declare _typed: readonly FieldProblem[];
  /** Secret fields whose text is shown. */
  declare _shown: ReadonlySet<string>;
  declare tracks: boolean;
  /** Kept secrets that are to be taken away. */
  declare _cleared: ReadonlySet<string>;
  declare _isDirty: boolean;
  /** The values as they stood when nothing was typed yet. */
  #begun: Record<string, unknown> = {};

  static override shadowRootOptions: ShadowRootInit = { mode: 'open', delegatesFocus: true };
  static override styles = [base, buttons, fieldStyles, formStyles];

  constructor() {
    super();
    this.value = {};
    this.given = {};
    this.problems = [];
    this.autofill = {};
    this.failure = '';
    this.verb = '';
    this.busy = false;
    this._typed = [];
    this._shown = new Set();
    this.tracks = false;
    this._cleared = new Set();
    this._isDirty = false;
  }

  get #fields(): Field[] {
    return this.schema ? fieldsOf(this.schema).filter(({ name }) => !(name in this.given)) : [];
  }

  override updated(changed: Map<string, unknown>): void {
    if (this.tracks && (changed.has('value') || changed.has('schema'))) this.reset();
    if (changed.has('_cleared')) this.#look();
    if ((changed.has('problems') && this.problems.length > 0) || (changed.has('_typed') && this._typed.length > 0)) {
      this.renderRoot.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
    }
  }

  #inputOf({ name }: Field): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>(`#${CSS.escape(name)}`);
  }

  /** The values as they stand now, those of `given` included. */
  read(): Record<string, unknown> {
    const values: Record<string, unknown> = { ...this.given };
    for (const field of this.#fields) {
      const input = this.#inputOf(field);
      if (!input) continue;
      const value =
        field.kind === 'picks'
          ? input.value
          : (this.#keptSecret(field, input.value) ?? parsedField(field, input.value, input.checked));
      if (value !== undefined) values[field.name] = value;
      if (this._cleared.has(field.name)) values[field.name] = null;
    }
    return values;
  }

  #keptSecret({ name, kind }: Field, typed: string): unknown {
    const value = this.value[name];
    return kind === 'secret' && typed === '' && isKept(value) ? value : undefined;
  }

  /** Puts `value` back into every field. */
  reset(): void {
    for (const field of this.#fields) {
      const input = this.#inputOf(field);
      const value = this.value[field.name] ?? field.initial;
      if (!input) continue;
      if (field.kind === 'flag') input.checked = value === true;
      else if (field.kind === 'picks') (input as unknown as ReevePicks).value = Array.isArray(value) ? value : [];
      else input.value = shownIn(field, value);
    }
    if (this._cleared.size > 0) this._cleared = new Set();
    this.#begun = this.read();
    this._isDirty = false;
    holdUnsaved(this, false);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    holdUnsaved(this, false);
  }

  #look(): void {
    if (!this.tracks) return;
    const isDirty = !isSame(this.#begun, this.read());
    if (isDirty === this._isDirty) return;
    this._isDirty = isDirty;
    holdUnsaved(this, isDirty);
    this.dispatchEvent(new CustomEvent('dirty', { detail: isDirty }));
  }

  #send(event: Event): void {
    event.preventDefault();
    if (this.busy) return;
    this._typed = this.#fields.flatMap((field) => {
      const message = typedProblem(field, String(this.#inputOf(field)?.value ?? ''));
      return message ? [{ path: field.name, message }] : [];
    });
    if (this._typed.length === 0) this.dispatchEvent(new CustomEvent('send', { detail: this.read() }));
  }

  override render() {
    const drawn = this.#fields;
    const { byField, general } = problemsByField(drawn, [...this._typed, ...this.problems]);
    const failures = [this.failure, ...general].filter((text) => text !== '');
    return html`<form novalidate @submit=${this.#send} @input=${this.#look}>
      ${drawn.map((field) => this.#field(field, byField.get(field.name)))}
      ${failures.length > 0 ? html`<p class="failure" role="alert">${failures.join(' ')}</p>` : nothing}
      <div class="actions">
        <button class="primary" type="submit" ?disabled=${this.busy}>${this.busy ? msg('Working…') : this.verb}</button>
        <slot name="actions"></slot>
        ${this._isDirty ? this.#unsaved() : nothing}
      </div>
    </form>`;
  }

  #unsaved() {
    return html`<button type="button" ?disabled=${this.busy} @click=${this.reset}>${msg('Discard changes')}</button>
      <span class="quiet" role="status">${msg('Not saved yet')}</span>`;
  }

  #field(field: Field, problem: string | undefined) {
    const described = [field.description && `${field.name}-more`, problem && `${field.name}-problem`];
    const ids = described.filter(Boolean).join(' ') || nothing;
    return html`<div class="field ${field.kind}">
      ${field.kind === 'picks' ? html`<span class="label" aria-hidden="true">${field.title}</span>` : html`<label for=${field.name}>${field.title}</label>`}
      ${this.#control(field, problem !== undefined, ids)}
      ${field.description ? html`<p class="quiet" id="${field.name}-more">${field.description}</p>` : nothing}
      ${problem ? html`<p class="problem" id="${field.name}-problem">${sentence(problem)}</p>` : nothing}
    </div>`;
  }

  #control(field: Field, isWrong: boolean, described: string | typeof nothing) {
    const { name } = field;
    return control({
      field,
      value: this.value[name] ?? field.initial,
      isWrong,
      described,
      autocomplete: this.autofill[name] ?? 'off',
      secret: {
        isShown: this._shown.has(name),
        isCleared: this._cleared.has(name),
        show: () => {
          this._shown = toggled(this._shown, name);
        },
        clear: () => {
          this._cleared = toggled(this._cleared, name);
        },
      },
    });
  }
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return next;
}

/** Problems begin small, because some stand behind their field's name elsewhere. */
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

customElements.define('reeve-form', ReeveForm);

/** Sets the cursor into the first field of the form that an element has, once both are drawn. */
export async function focusForm({ renderRoot, updateComplete }: LitElement): Promise<void> {
  await updateComplete;
  const form = renderRoot.querySelector('reeve-form');
  await form?.updateComplete;
  form?.focus();
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-form': ReeveForm;
  }
}
