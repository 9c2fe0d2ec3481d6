import type { SeriesIdentity } from '../../../protocol/metrics.ts';

/** Which series are meant: those of a metric whose attributes fit; an attribute that is not named may be anything. */
export interface Selector {
  /** As it was written. */
  text: string;
  metric: string;
  attributes: readonly { name: string; pattern: Pattern }[];
}

/** What stands between the wildcards of a value; a single part is the value itself. */
type Pattern = readonly string[];

/** A selector that cannot be read; `position` counts characters from 1. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

const MOST_SELECTORS = 200;
/** Characters up to the end of a metric's name; a comma inside one is written `\,`. */
const METRIC = /(?:\\,|[^,{}"\\\p{Cc}])+/uy;
const ATTRIBUTE = /\s*([A-Za-z_][A-Za-z0-9_.-]{0,63})\s*=\s*"/y;
const VALUE = /((?:[^"\\]|\\[\\"n*])*)"\s*/y;
const NO_VALUE = 'this value has no closing ", or a backslash that stands before something else than \\ " * n';
const ESCAPED: Record<string, string> = { n: '\n' };

/** `metric`, `metric{name="value"}` or `metric{name="eth*"}`, several with commas between; fails with `SelectorError`. */
export function parseSelectors(text: string): Selector[] {
  const reader = new Reader(text);
  const selectors: Selector[] = [];
  while (reader.skip(/[,\s]*/y)) {
    selectors.push(readSelector(reader));
    if (selectors.length > MOST_SELECTORS)
      throw new SelectorError(`at most ${MOST_SELECTORS} selectors: a wildcard takes the place of many`, reader.at + 1);
    if (!reader.isAtEnd && !reader.takes(',')) throw reader.error('expected a comma or the end');
  }
  return selectors;
}

function readSelector(reader: Reader): Selector {
  const begin = reader.at;
  const metric = reader.match(METRIC)?.[0].trim().replaceAll('\\,', ',');
  if (!metric) throw reader.error('expected the name of a metric');
  const attributes = reader.takes('{') ? readAttributes(reader) : [];
  reader.skip(/\s*/y);
  return { text: reader.textFrom(begin), metric, attributes };
}

function readAttributes(reader: Reader): Selector['attributes'] {
  const attributes: { name: string; pattern: Pattern }[] = [];
  reader.skip(/\s*/y);
  while (!reader.takes('}')) {
    if (attributes.length > 0 && !reader.takes(',')) throw reader.error('expected a comma or }');
    const name = reader.match(ATTRIBUTE)?.[1];
    if (name === undefined) throw reader.error('expected an attribute as name="value"');
    const begin = reader.at;
    const value = reader.match(VALUE)?.[1];
    if (value === undefined) throw new SelectorError(NO_VALUE, begin + 1);
    attributes.push({ name, pattern: patternOf(value) });
  }
  return attributes;
}

/** Splits at the stars that no backslash stands before. */
function patternOf(value: string): Pattern {
  const parts = [''];
  for (const [piece] of value.matchAll(/\\?[\s\S]/gu)) {
    const character = piece.length > 1 && piece.startsWith('\\') ? (ESCAPED[piece.slice(1)] ?? piece.slice(1)) : piece;
    if (piece === '*') parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** A place in a text that moves forward only, so that hostile text costs no more than its length. */
class Reader {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#text.length;
  }

  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.at = pattern.lastIndex;
    return found;
  }

  /** Moves over what fits; says whether there is more. */
  skip(pattern: RegExp): boolean {
    this.match(pattern);
    return !this.isAtEnd;
  }

  takes(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  textFrom(begin: number): string {
    return this.#text.slice(begin, this.at).trim();
  }

  error(message: string): SelectorError {
    return new SelectorError(message, this.at + 1);
  }
}

/** Answers for each series which selectors it fits; looks at those of its metric only. */
export class SelectorSet {
  readonly #byMetric = new Map<string, Selector[]>();
  readonly #unmatched: Set<Selector>;

  constructor(selectors: readonly Selector[]) {
    this.#unmatched = new Set(selectors);
    for (const each of selectors) this.#byMetric.set(each.metric, [...(this.#byMetric.get(each.metric) ?? []), each]);
  }

  /** No other metric has a series that fits. */
  get metrics(): Iterable<string> {
    return this.#byMetric.keys();
  }

  fits(series: SeriesIdentity): boolean {
    let isFitting = false;
    for (const each of this.#byMetric.get(series.metric) ?? []) {
      if (!isFit(each, series)) continue;
      this.#unmatched.delete(each);
      isFitting = true;
    }
    return isFitting;
  }

  /** Texts of those that no series has fitted yet. */
  get unmatched(): string[] {
    return [...this.#unmatched].map(({ text }) => text);
  }
}

const isFit = ({ attributes }: Selector, series: SeriesIdentity): boolean =>
  attributes.every(({ name, pattern }) => {
    const value = Object.hasOwn(series.attributes, name) ? series.attributes[name] : undefined;
    return value !== undefined && isMatch(pattern, value);
  });

/** Each part is looked for once, behind the one before: never more than the length of the value for each part. */
function isMatch(pattern: Pattern, value: string): boolean {
  const [first = '', ...rest] = pattern;
  const last = rest.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last)) return false;
  const end = value.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
