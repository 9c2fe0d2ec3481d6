import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import { dayText, minuteTime, parseSpan, spanText } from '../times.ts';

/** The part of JSON Schema (2020-12, as `z.toJSONSchema` writes it) that a form is drawn from. */
export interface JsonSchema {
  type?: string | undefined;
  title?: string | undefined;
  description?: string | undefined;
  default?: unknown;
  enum?: readonly unknown[] | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  maxLength?: number | undefined;
  items?: JsonSchema | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  required?: readonly string[] | undefined;
  /** Our own: see `.meta()` of the schemas in protocol/. */
  secret?: boolean | undefined;
  order?: number | undefined;
  widget?: string | undefined;
  /** For a `choice` over values that are not their own words. */
  choices?: readonly { value: string | number; title: string }[] | undefined;
  /** Words that are offered for a text or for the items of a list. */
  suggestions?: readonly string[] | undefined;
  /** What a stored value is multiplied by to be shown: 100 for a share in percent. */
  scale?: number | undefined;
  /** What it means that a list is empty. */
  empty?: string | undefined;
}

export type FieldKind =
  | 'text'
  | 'lines'
  | 'secret'
  | 'number'
  | 'flag'
  | 'choice'
  | 'list'
  | 'rows'
  | 'span'
  | 'moment'
  | 'picks';

export interface Field {
  name: string;
  title: string;
  description: string;
  kind: FieldKind;
  isRequired: boolean;
  isWhole: boolean;
  initial: unknown;
  min?: number;
  max?: number;
  maxLength?: number;
  choices: readonly { value: string | number; title: string }[];
  suggestions: readonly string[];
  scale: number;
  /** Words beside the choices may be picked. */
  isFree: boolean;
  empty: string;
}

/** `siteName` → `Site name`, for fields without a title. */
const worded = (name: string): string => {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function kindOf(schema: JsonSchema): FieldKind {
  if (schema.widget === 'picks' || schema.widget === 'words') return 'picks';
  if (schema.widget === 'span' || schema.widget === 'moment') return schema.widget;
  if (schema.choices || schema.enum) return 'choice';
  if (schema.secret) return 'secret';
  if (schema.type === 'boolean') return 'flag';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'array') return schema.widget === 'lines' ? 'rows' : 'list';
  return schema.widget === 'lines' ? 'lines' : 'text';
}

/** What the browser itself knows to offer for a widget. */
function offered(widget: string | undefined): readonly string[] {
  if (widget === 'time-zone') return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
  return widget === 'currency' ? Intl.supportedValuesOf('currency') : [];
}

/** The fields of an object schema in the order of their `order`, then as written. */
export function fieldsOf(schema: JsonSchema): Field[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {})
    .filter(([, { widget }]) => widget !== 'elsewhere')
    .map(([name, property], index) => ({ name, property, rank: property.order ?? 1_000 + index }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ name, property }) => fieldOf(name, property, required.has(name)));
}

function fieldOf(name: string, property: JsonSchema, isRequired: boolean): Field {
  const limits = property.type === 'array' ? {} : property;
  return {
    name,
    title: property.title ?? worded(name),
    description: property.description ?? '',
    kind: kindOf(property),
    isRequired,
    isWhole: property.type === 'integer',
    initial: property.default,
    ...(limits.minimum !== undefined && { min: limits.minimum }),
    ...(limits.maximum !== undefined && { max: limits.maximum }),
    ...(limits.maxLength !== undefined && { maxLength: limits.maxLength }),
    choices:
      property.choices ?? (property.enum ?? []).map((value) => ({ value: value as string, title: String(value) })),
    suggestions: property.suggestions ?? offered(property.widget),
    scale: property.scale ?? 1,
    isFree: property.widget === 'words',
    empty: property.empty ?? '',
  };
}

/** Names of values that have a page of their own; a form sends them as they are. */
export const namesElsewhere = (schema: JsonSchema): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, { widget }]) => (widget === 'elsewhere' ? [name] : []));

/** What is typed in a field as the schema wants it; undefined for an empty field that may be left out. */
export function parsedField(field: Field, text: string, isChecked: boolean): unknown {
  if (field.kind === 'flag') return isChecked;
  if (field.kind === 'list' || field.kind === 'rows') {
    const parts = text.split(field.kind === 'rows' ? '\n' : /[,\n]/).map((part) => part.trim());
    return parts.filter((part) => part !== '');
  }
  if (text === '' && !field.isRequired) return undefined;
  if (field.kind === 'number') return text.trim() === '' ? undefined : unscaled(Number(text), field.scale);
  if (field.kind === 'span') return parseSpan(text) ?? text;
  if (field.kind === 'moment') return new Date(text).getTime();
  if (field.kind === 'choice') return field.choices.find(({ value }) => String(value) === text)?.value ?? text;
  return text;
}

/** Twelve digits are more than anybody types, and fewer than those that arithmetic makes up. */
const unscaled = (value: number, scale: number): number =>
  scale === 1 ? value : Number((value / scale).toPrecision(12));

/** A value as it stands in the field that is drawn for it. */
export function shownIn({ kind, scale }: Field, value: unknown): string {
  if (typeof value === 'number' && kind === 'span') return spanText(value);
  if (typeof value === 'number' && kind === 'moment') return `${dayText(value)}T${minuteTime(value)}`;
  if (typeof value === 'number' && scale !== 1) return String(Number((value * scale).toPrecision(12)));
  return fieldText(value, kind === 'rows' || kind === 'lines' ? '\n' : ', ');
}

/** What is wrong with what is typed, before anybody is asked. */
export function typedProblem(field: Field, text: string): string | undefined {
  if (field.kind !== 'span' || text.trim() === '' || parseSpan(text) !== undefined) return undefined;
  return msg('write a span, such as 5 min or 1 h 30 min');
}

/** A value as it stands in its field; lists with `between` between their items. */
export function fieldText(value: unknown, between = ', '): string {
  if (value === undefined || value === null || isStoredSecret(value)) return '';
  return Array.isArray(value) ? value.join(between) : String(value);
}

/** What the appliance shows of a secret. */
const isStoredSecret = (value: unknown): value is { set: boolean } =>
  typeof value === 'object' && value !== null && 'set' in value;

/** Says whether a field holds a secret that the appliance keeps to itself. */
export const isKept = (value: unknown): boolean => isStoredSecret(value) && value.set;

/** Says whether two sets of values would be stored as the same. */
export const isSame = (left: Record<string, unknown>, right: Record<string, unknown>): boolean =>
  [...new Set([...Object.keys(left), ...Object.keys(right)])].every(
    (name) => JSON.stringify(left[name]) === JSON.stringify(right[name]),
  );

/** Sorts what the server found by field; `body.tags.2` belongs to `tags`. What fits no field is general. */
export function problemsByField(
  fields: readonly Field[],
  problems: readonly FieldProblem[],
): { byField: Map<string, string>; general: string[] } {
  const byField = new Map<string, string>();
  const general: string[] = [];
  for (const { path, message } of problems) {
    const [name = ''] = path.replace(/^body\.?/, '').split('.');
    const field = fields.find((each) => each.name === name);
    if (!field) general.push(message);
    else if (!byField.has(name)) byField.set(name, message);
  }
  return { byField, general };
}
