import { html } from 'lit';
import { NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import { type Field, fieldsOf, fieldText, isKept, type JsonSchema } from '../parts/form-schema.ts';

/** A section as lines of title and value, for people who may not change it. */
export const readOnly = (schema: JsonSchema, value: Record<string, unknown>) => html`<dl>
  ${fieldsOf(schema).map((field) => html`<dt>${field.title}</dt><dd>${shown(field, value[field.name])}</dd>`)}
</dl>`;

function shown({ kind, choices }: Field, value: unknown): string {
  if (kind === 'secret') return isKept(value) ? msg('Set') : msg('Not set');
  if (kind === 'flag') return value === true ? msg('Yes') : msg('No');
  if (kind === 'choice') return choices.find((choice) => choice.value === value)?.title ?? NOTHING;
  return fieldText(value) || NOTHING;
}
