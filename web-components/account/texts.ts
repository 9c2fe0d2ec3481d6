import { msg } from '../msg.ts';

/** A secret as people type it: in groups of four. */
export const groupedKey = (text: string): string => (text.match(/.{1,4}/g) ?? []).join(' ');

/** The file that is kept with recovery codes in it. */
export const recoveryText = (userName: string, codes: readonly string[]): string =>
  [msg('Recovery codes of {name} for Reeve. Each works once.', { name: userName }), '', ...codes, ''].join('\n');

/** The dark modules of a QR code as one path: each run of a row is one stroke. */
export function modulesPath(rows: readonly (readonly boolean[])[]): string {
  const runs: string[] = [];
  for (const [y, row] of rows.entries()) {
    let from = -1;
    for (let x = 0; x <= row.length; x++) {
      if (row[x] && from < 0) from = x;
      if (row[x] || from < 0) continue;
      runs.push(`M${from} ${y}h${x - from}v1h-${x - from}z`);
      from = -1;
    }
  }
  return runs.join('');
}
