import { createHash } from 'node:crypto';

/**
 * A text as it is looked up: what PostgreSQL has no room for is written in another way, always the same, so that equal texts stay
 * equal and others do not become so. NUL, which it refuses, and half characters, which it refuses too, stand behind the mark U+0001;
 * of a text that is too long for an index there is the beginning and a checksum. Order stays that of code points, but for texts whose
 * first 256 characters are the same.
 */
export function lookupText(text: string): string {
  const fit = text.replace(ODD, (odd) => MARK + odd.charCodeAt(0).toString(16).padStart(4, '0'));
  if (fit.length <= LONGEST) return fit;
  const beginning = fit.slice(0, PREFIX).replace(/[\uD800-\uDBFF]$/, '');
  return `${beginning}${MARK}~${createHash('sha256').update(text, 'utf16le').digest('hex')}`;
}

/** What is looked up of a document, as JSON: the scalars of its top level. Its id and revision have columns of their own. */
export function fieldsOf(document: object): string {
  const entries = Object.entries(document).flatMap(([key, value]) => {
    if (!FIELD.test(key) || key === 'id' || key === 'rev') return [];
    if (typeof value === 'string') return [[key, lookupText(value)]];
    return value === null || typeof value === 'number' || typeof value === 'boolean' ? [[key, value]] : [];
  });
  return JSON.stringify(Object.fromEntries(entries));
}

const MARK = '\u0001';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be found.
const ODD = /[\u0000\u0001]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const PREFIX = 256;
/** An index takes 2,700 bytes for one entry, and a character has up to four. */
const LONGEST = 330;
/** Only these can be asked for. */
const FIELD = /^[A-Za-z][A-Za-z0-9_]*$/;
