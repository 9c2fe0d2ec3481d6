import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ownerForm } from '../../../protocol/routes/access.ts';
import {
  fieldsOf,
  fieldText,
  type JsonSchema,
  parsedField,
  problemsByField,
} from '../../../web-components/parts/form-schema.ts';

const owner = z.toJSONSchema(ownerForm, { io: 'input' }) as JsonSchema;
const field = (name: string, schema: JsonSchema, isRequired = true) => {
  const [found] = fieldsOf({ properties: { [name]: schema }, required: isRequired ? [name] : [] });
  if (!found) throw new Error('no field');
  return found;
};

describe('a form from a schema', () => {
  test('of the API has its fields in order, with titles, secrets and defaults', () => {
    expect(
      fieldsOf(owner).map(({ name, title, kind, isRequired, initial }) => [name, title, kind, isRequired, initial]),
    ).toEqual([
      ['code', 'Set-up code', 'text', true, undefined],
      ['siteName', 'Name of this site', 'text', false, 'Home'],
      ['userName', 'User name', 'text', true, undefined],
      ['password', 'Password', 'secret', true, undefined],
    ]);
  });

  test('names a field without a title by its words', () => {
    expect(field('clearThreshold', { type: 'number' }).title).toBe('Clear threshold');
  });

  test('knows every kind of field', () => {
    const kinds: [JsonSchema, string][] = [
      [{ type: 'boolean' }, 'flag'],
      [{ type: 'integer' }, 'number'],
      [{ enum: ['a', 'b'] }, 'choice'],
      [{ type: 'array', items: { type: 'string' } }, 'list'],
      [{ type: 'string', widget: 'lines' }, 'lines'],
      [{ type: 'string', secret: true }, 'secret'],
      [{ type: 'string' }, 'text'],
    ];
    for (const [schema, kind] of kinds) expect(field('x', schema).kind).toBe(kind);
  });

  test('reads what was typed as the schema wants it', () => {
    expect(parsedField(field('n', { type: 'integer' }), '12', false)).toBe(12);
    expect(parsedField(field('n', { type: 'integer' }), '', false)).toBeUndefined();
    expect(parsedField(field('t', { type: 'array' }), ' a, b ,,c\n', false)).toEqual(['a', 'b', 'c']);
    expect(parsedField(field('f', { type: 'boolean' }), 'on', true)).toBe(true);
    expect(parsedField(field('s', { type: 'string' }), '', false)).toBe('');
    expect(parsedField(field('s', { type: 'string' }, false), '', false)).toBeUndefined();
    const choice = field('i', { choices: [{ value: 5_000, title: '5 s' }] });
    expect(parsedField(choice, '5000', false)).toBe(5_000);
  });

  test('shows a value as it is typed', () => {
    expect([fieldText(['a', 'b']), fieldText(undefined), fieldText(5)]).toEqual(['a, b', '', '5']);
  });

  test('puts each problem at its field and keeps the rest', () => {
    const { byField, general } = problemsByField(fieldsOf(owner), [
      { path: 'body.password', message: 'use at least 10 characters' },
      { path: 'body.password', message: 'a second one' },
      { path: 'body.siteName.0', message: 'give a name' },
      { path: 'query.x', message: 'elsewhere' },
    ]);
    expect([...byField]).toEqual([
      ['password', 'use at least 10 characters'],
      ['siteName', 'give a name'],
    ]);
    expect(general).toEqual(['elsewhere']);
  });
});
