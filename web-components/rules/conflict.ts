import { html } from 'lit';
import type { Rule } from '../../protocol/alerts.ts';
import { msg } from '../msg.ts';
import { type Field, fieldsOf, type JsonSchema, shownIn } from '../parts/form-schema.ts';
import { type Draft, draftOf, isEqual } from './draft.ts';

/** A value that two people changed to different ones. */
export interface Clash {
  title: string;
  theirs: string;
  mine: string;
}

/** Fields in which what is stored now differs from what one was about to save. */
export function clashes(theirs: Rule, mine: Draft, schema: JsonSchema): Clash[] {
  const stored = draftOf(theirs);
  return fieldsOf(schema)
    .filter(({ name, initial }) => !isEqual(filled(stored[name], initial), filled(mine[name], initial)))
    .map((field) => ({
      title: field.title,
      theirs: shown(field, stored[field.name]),
      mine: shown(field, mine[field.name]),
    }));
}

const filled = (value: unknown, initial: unknown): unknown => (value === '' || value === undefined ? initial : value);

function shown(field: Field, value: unknown): string {
  const titleOf = (one: unknown) => field.choices.find((choice) => choice.value === one)?.title;
  if (field.kind === 'flag') return value === true ? msg('Yes') : msg('No');
  if (Array.isArray(value)) return value.map((one) => titleOf(one) ?? String(one)).join(', ') || msg('none');
  return titleOf(value) ?? (shownIn(field, value) || msg('none'));
}

export interface ConflictAsk {
  theirs: Rule;
  clashes: readonly Clash[];
  takeTheirs: () => void;
  keepMine: () => void;
}

/** What somebody else saved meanwhile, beside what one was about to save, and the two ways on. */
export const conflictNotice = ({ clashes: all, takeTheirs, keepMine }: ConflictAsk) => html`<reeve-notice
  kind="warning"
  role="alert"
  heading=${msg('Somebody else changed this rule meanwhile')}
>
  <p>${msg('Nothing of yours was saved.')}</p>
  ${all.map(({ title, theirs, mine }) => html`<p>${title}: ${msg('{theirs} is saved now, you have {mine}', { theirs, mine })}</p>`)}
  ${all.length === 0 ? html`<p>${msg('What is saved now is the same as yours, or differs only for some hosts.')}</p>` : ''}
  <reeve-action @click=${takeTheirs}>${msg('Load theirs, mine goes')}</reeve-action>
  <reeve-action @click=${keepMine}>${msg('Save mine over theirs')}</reeve-action>
</reeve-notice>`;
