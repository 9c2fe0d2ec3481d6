import { FORMULA } from '../protocol/csv.ts';

/** An apostrophe before a text that begins like a formula keeps it text. */
export const harmless = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** A cell of a CSV file (RFC 4180) that a spreadsheet neither splits nor takes for a formula; a number stays one. */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = harmless(value);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
