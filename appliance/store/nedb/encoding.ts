import type { Stored } from './inside.ts';

/** NeDB refuses keys with a dot or a leading `$`, and plain assignment loses `__proto__`; such keys are written with `%`. */
const RISKY = /[.%]|^\$|^__proto__$/;
const encodeKey = (key: string): string =>
  RISKY.test(key)
    ? key
        .replaceAll('%', '%25')
        .replaceAll('.', '%2E')
        .replace(/^\$/, '%24')
        .replace(/^__proto__$/, '%5F_proto__')
    : key;
const decodeKey = (key: string): string => (key.includes('%') ? decodeURIComponent(key) : key);

/** A value that JSON cannot hold: it would come back as something else, so it is refused before it is stored. */
export class UnstorableError extends Error {
  override readonly name = 'UnstorableError';
  readonly code = 'unstorable';
}

/** The form in which NeDB keeps a document. Fails with `UnstorableError` for anything but JSON; undefined fields are left out. */
export function encodeDocument({ id, ...fields }: { id: string }): Stored {
  if (id === '' || id === '__proto__') throw new UnstorableError('a document needs an id');
  return { ...(encode(fields, '') as Record<string, unknown>), _id: id };
}

/** The document behind a stored one; a copy. */
export function decodeDocument({ _id, ...fields }: Stored): Record<string, unknown> {
  return { id: _id, ...(decode(fields) as Record<string, unknown>) };
}

function encode(value: unknown, path: string): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item, at) => encode(item, `${path}[${at}]`));
  if (isPlain(value)) return encodeFields(value, path);
  throw new UnstorableError(`${path.slice(1) || 'the document'} is not JSON: ${describe(value)}`);
}

function encodeFields(value: Record<string, unknown>, path: string): Record<string, unknown> {
  const encoded: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) encoded[encodeKey(key)] = encode(item, `${path}.${key}`);
  }
  return encoded;
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [decodeKey(key), decode(item)] as const);
  return Object.fromEntries(entries);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const describe = (value: unknown): string =>
  typeof value === 'object' ? (value?.constructor?.name ?? 'an object') : `${typeof value} ${String(value)}`;
