/** A value that JSON cannot hold: it would come back as something else, so it is refused before it is stored. */
export class UnstorableError extends Error {
  override readonly name = 'UnstorableError';
  readonly code = 'unstorable';
}

/**
 * A copy of a value, as it comes back from JSON: undefined fields are left out, -0 is 0. `keyOf` gives each key the name that it is
 * stored under. Fails with `UnstorableError` for anything but JSON.
 */
export function jsonCopy(value: unknown, keyOf: (key: string) => string = same): unknown {
  const copy = (given: unknown, path: string): unknown => {
    if (given === null || typeof given === 'string' || typeof given === 'boolean') return given;
    if (typeof given === 'number' && Number.isFinite(given)) return given === 0 ? 0 : given;
    if (Array.isArray(given)) return Array.from(given, (item, at) => copy(item, `${path}[${at}]`));
    if (!isPlain(given))
      throw new UnstorableError(`${path.slice(1) || 'the document'} is not JSON: ${describe(given)}`);
    const entries = Object.entries(given).filter(([, item]) => item !== undefined);
    // Assignment would lose a field called __proto__.
    return Object.fromEntries(entries.map(([key, item]) => [keyOf(key), copy(item, `${path}.${key}`)]));
  };
  return copy(value, '');
}

/** Fails with `UnstorableError` when a document has no id that can be one. */
export function checkId(id: string): void {
  if (id === '' || id === '__proto__') throw new UnstorableError('a document needs an id');
}

export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const same = (key: string): string => key;

const describe = (value: unknown): string =>
  typeof value === 'object' ? (value?.constructor?.name ?? 'an object') : `${typeof value} ${String(value)}`;
