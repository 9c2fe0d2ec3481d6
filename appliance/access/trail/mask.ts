import { z } from 'zod';
import type { Route } from '../../../protocol/route.ts';

export const MASK = '[masked]';

/** Names of fields whose value is never written down. Ids of secrets (`tokenId`) are none themselves. */
const SECRET =
  /pass(?:word|phrase|wd)|secret|token|api[-_]?key|authori[sz]ation|cookie|jwt|credential|private|recovery|proof|otp|sealed|hash|^(?:code|codes|key|keys|pin|pass)$/i;
const NAMES_ONE = /(?:Id|Ids|At|Name)$/;
/** Texts that are secrets wherever they stand: API keys, bearer tokens and JWTs, and what is between name and host of an address. */
const TEXTS = [
  /rvk_[0-9a-z]+_[0-9a-z]+/gi,
  /\bbearer\s+\S+/gi,
  /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g,
  /(?<=:\/\/[^/\s:@]*:)[^/\s@]+(?=@)/g,
];
const MOST = { depth: 8, fields: 200, items: 200, characters: 2_000 } as const;

/** Masks what must not be written down, and makes of anything plain JSON of a bounded size. */
export function masked(value: unknown, secrets: ReadonlySet<string> = new Set(), depth = 0): unknown {
  if (typeof value === 'string') return shortened(withoutSecrets(value));
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return null;
  if (depth >= MOST.depth) return '…';
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.slice(0, MOST.items).map((each) => masked(each, secrets, depth + 1));
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    fields
      .slice(0, MOST.fields)
      .map(([name, each]) => [name, isSecret(name, secrets) ? maskOf(each) : masked(each, secrets, depth + 1)]),
  );
}

const isSecret = (name: string, secrets: ReadonlySet<string>): boolean =>
  secrets.has(name) || (SECRET.test(name) && !NAMES_ONE.test(name));

/** Whether there was one may be told. */
const maskOf = (value: unknown): unknown =>
  value === null || value === '' || typeof value === 'boolean' ? value : MASK;

const withoutSecrets = (text: string): string => TEXTS.reduce((safe, pattern) => safe.replace(pattern, MASK), text);

const shortened = (text: string): string =>
  text.length <= MOST.characters ? text : `${text.slice(0, MOST.characters)}… (${text.length} characters)`;

/** Names of every field that a schema of these routes marks as secret (`meta({secret: true})`). */
export function secretFields(table: readonly Route[], more: readonly z.ZodType[] = []): ReadonlySet<string> {
  const names = new Set<string>();
  const schemas = [...table.flatMap(({ body }) => (body ? [body] : [])), ...more];
  for (const schema of schemas) collect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), names);
  return names;
}

function collect(node: unknown, names: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, each] of Object.entries(node)) {
    if (name === 'properties')
      for (const [field, schema] of Object.entries(each as object))
        if ((schema as { secret?: unknown }).secret === true) names.add(field);
    collect(each, names);
  }
}
