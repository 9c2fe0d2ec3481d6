/**
 * What a schema made of a value, with the fields that the schema does not know put back: a document written by a newer
 * version keeps them when an older one writes it again (contracts §2).
 */
export function withUnknown(raw: unknown, parsed: unknown): unknown {
  if (Array.isArray(raw) && Array.isArray(parsed) && raw.length === parsed.length) {
    return parsed.map((item, at) => withUnknown(raw[at], item));
  }
  if (!isRecord(raw) || !isRecord(parsed)) return parsed;
  const entries = Object.entries(parsed).map(([key, item]) => [
    key,
    Object.hasOwn(raw, key) ? withUnknown(raw[key], item) : item,
  ]);
  const unknown = Object.entries(raw).filter(([key]) => !Object.hasOwn(parsed, key));
  return Object.fromEntries([...entries, ...unknown]);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
