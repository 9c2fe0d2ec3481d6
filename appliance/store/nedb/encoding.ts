import { checkId, isPlain, jsonCopy } from '../json-only.ts';
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

/** The form in which NeDB keeps a document. Fails with `UnstorableError` for anything but JSON; undefined fields are left out. */
export function encodeDocument({ id, ...fields }: { id: string }): Stored {
  checkId(id);
  return { ...(jsonCopy(fields, encodeKey) as Record<string, unknown>), _id: id };
}

/** The document behind a stored one; a copy. */
export function decodeDocument({ _id, ...fields }: Stored): Record<string, unknown> {
  return { id: _id, ...(decode(fields) as Record<string, unknown>) };
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [decodeKey(key), decode(item)] as const);
  return Object.fromEntries(entries);
}
