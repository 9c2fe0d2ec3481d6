import type { FieldProblem } from '../protocol/problem.ts';

/** Value of a variable of the environment. */
export type LookUp = (name: string) => string | undefined;

const REFERENCE = /\$\$\{|\$\{([A-Za-z_]\w*)\}/g;
/** What opens everything else must not end up in an address or a header that a site's admin chooses. */
const CLOSED: readonly string[] = ['REEVE_KEY', 'REEVE_TOKEN', 'REEVE_STORE', 'REEVE_STORE_PASSWORD', 'PGPASSWORD'];

/** Says whether a text, or any text inside a value, refers to a variable as `${NAME}`. */
export function hasReference(value: unknown): boolean {
  if (typeof value === 'string') return value.search(REFERENCE) >= 0;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasReference);
}

/**
 * `value` with each `${NAME}` replaced (`$${` stands for `${` itself), and a problem for each that cannot be. Fields named in `except`
 * stay as they are.
 */
export function resolved(
  value: unknown,
  lookUp: LookUp,
  except: readonly string[] = [],
): { value: unknown; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const text = (given: string, path: string): string =>
    given.replace(REFERENCE, (found, name: string | undefined) => {
      if (name === undefined) return '${';
      const known = CLOSED.includes(name) ? undefined : lookUp(name);
      if (known !== undefined) return known;
      problems.push({ path, message: missing(name) });
      return found;
    });
  const walk = (given: unknown, path: string): unknown => {
    if (typeof given === 'string') return text(given, path);
    const inside = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
    if (Array.isArray(given)) return given.map((item, at) => walk(item, inside(at)));
    if (typeof given !== 'object' || given === null) return given;
    return Object.fromEntries(
      Object.entries(given).map(([key, item]) => [key, except.includes(inside(key)) ? item : walk(item, inside(key))]),
    );
  };
  return { value: walk(value, ''), problems };
}

const missing = (name: string): string =>
  CLOSED.includes(name)
    ? `${name} cannot be used in settings`
    : `the variable ${name} is not set where the appliance runs: set it there and start it again, or enter the value itself`;

/** What a schema made of a value, with the texts that refer to variables as they were given. */
export function withReferences(given: unknown, parsed: unknown): unknown {
  if (typeof given === 'string') return hasReference(given) ? given : parsed;
  if (typeof given !== 'object' || given === null || typeof parsed !== 'object' || parsed === null) return parsed;
  if (Array.isArray(parsed))
    return parsed.map((item, at) => withReferences(Array.isArray(given) ? given[at] : undefined, item));
  return Object.fromEntries(
    Object.entries(parsed).map(([key, item]) => [
      key,
      withReferences(Object.hasOwn(given, key) ? Reflect.get(given, key) : undefined, item),
    ]),
  );
}
