import { html, nothing } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { msg } from '../msg.ts';
import { type Field, isKept, shownIn } from './form-schema.ts';

/** One field of a form as it stands; its input has the field's name as id. */
export interface Control {
  field: Field;
  value: unknown;
  isWrong: boolean;
  /** Ids of what describes it. */
  described: string | typeof nothing;
  autocomplete: string;
  /** For fields of kind `secret`. */
  secret: { isShown: boolean; isCleared: boolean; show: () => void; clear: () => void };
}

/** The input of a field, with the buttons and offers that belong to it. */
export function control(given: Control) {
  const { field, value, isWrong, described } = given;
  if (field.kind === 'choice') {
    return html`<select id=${field.name} aria-invalid=${isWrong} aria-describedby=${described}>
      ${field.isRequired || value !== undefined ? nothing : html`<option value="">–</option>`}
      ${field.choices.map(
        (choice) => html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.title}</option>`,
      )}
    </select>`;
  }
  if (field.kind === 'picks') {
    // Lit sets lists at each drawing, which would take back what was picked since.
    return html`<reeve-picks
      id=${field.name}
      label=${field.title}
      .choices=${field.choices}
      .value=${guard([value], () => (Array.isArray(value) ? value : []))}
      ?free=${field.isFree}
      empty=${field.empty}
    ></reeve-picks>`;
  }
  if (field.kind === 'lines' || field.kind === 'rows') {
    return html`<textarea id=${field.name} aria-invalid=${isWrong} aria-describedby=${described} .value=${shownIn(field, value)}></textarea>`;
  }
  if (field.kind === 'secret') return secret(given);
  return html`${input(given)}${field.suggestions.length > 0 ? offers(field) : nothing}`;
}

function input({ field, value, isWrong, described, autocomplete, secret }: Control) {
  const types = {
    flag: 'checkbox',
    number: 'number',
    moment: 'datetime-local',
    secret: secret.isShown ? 'text' : 'password',
  };
  return html`<input
    id=${field.name}
    name=${field.name}
    type=${types[field.kind as keyof typeof types] ?? 'text'}
    ?checked=${field.kind === 'flag' && value === true}
    .value=${field.kind === 'flag' ? 'on' : shownIn(field, value)}
    step=${field.isWhole ? '1' : 'any'}
    autocomplete=${autocomplete}
    aria-invalid=${isWrong}
    aria-required=${field.isRequired}
    aria-describedby=${described}
    placeholder=${isKept(value) ? keptWords(secret.isCleared) : nothing}
    list=${field.suggestions.length > 0 ? `${field.name}-offers` : nothing}
    autocapitalize="off"
    spellcheck="false"
  />`;
}

const keptWords = (isCleared: boolean): string =>
  isCleared ? msg('Taken away when you save') : msg('Kept; type to replace it');

const offers = ({ name, suggestions }: Field) => html`<datalist id="${name}-offers">
  ${suggestions.map((each) => html`<option value=${each}></option>`)}
</datalist>`;

function secret(given: Control) {
  const { isShown, isCleared, show, clear } = given.secret;
  return html`<div class="with-button">
    ${input(given)}<span class="beside">
      <button type="button" aria-pressed=${isShown} @click=${show}>${isShown ? msg('Hide') : msg('Show')}</button>
      ${
        isKept(given.value)
          ? html`<button type="button" @click=${clear}>${isCleared ? msg('Keep') : msg('Take away')}</button>`
          : nothing
      }
    </span>
  </div>`;
}
