import { html } from 'lit';
import { NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import { type Field, fieldsOf, isKept, type JsonSchema, shownIn } from '../parts/form-schema.ts';

/** A section as lines of title and value, for people who may not change it. */
export const readOnly = (schema: JsonSchema, value: Record<string, unknown>) => html`<dl>
  ${fieldsOf(schema).map((field) => html`<dt>${field.title}</dt><dd>${shown(field, value[field.name])}</dd>`)}
</dl>`;

function shown(field: Field, value: unknown): string {
  const { kind, choices } = field;
  const titleOf = (one: unknown) => choices.find((choice) => choice.value === one)?.title;
  if (kind === 'secret') return isKept(value) ? msg('Set') : msg('Not set');
  if (kind === 'flag') return value === true ? msg('Yes') : msg('No');
  if (kind === 'choice') return titleOf(value) ?? NOTHING;
  if (kind === 'picks' && Array.isArray(value))
    return value.map((one) => titleOf(one) ?? String(one)).join(', ') || field.empty || NOTHING;
  return shownIn(field, value) || NOTHING;
}
