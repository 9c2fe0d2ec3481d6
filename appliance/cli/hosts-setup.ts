import { type ConnectionTest, testAuditTargets } from '../../protocol/routes/audit-targets.ts';
import { type ApiPlace, ask, needKey } from './by-api.ts';

const HEADINGS = ['Host', 'Address', 'Reachable', 'Host key', 'Key accepted', 'Rights', 'Audit'] as const;
const NOT_REACHED: readonly string[] = ['unreachable', 'silent', 'not-ssh', 'dropped'];
const HOST_KEY: Readonly<Record<string, string>> = { 'host-key-unknown': 'to accept', 'host-key-changed': 'changed' };
/** What ended before the host key was looked at. */
const BEFORE: readonly string[] = [...NOT_REACHED, 'key', 'algorithms'];

/** Has a running appliance sign in to every host, and prints what came of it as a table; 0 when each can be audited, else 1. */
export async function hostsSetup(place: ApiPlace & { say(text: string): void }): Promise<number> {
  needKey(place, 'an operator');
  const { method, path } = testAuditTargets;
  const { items } = testAuditTargets.answer.parse(await ask(place, method, path));
  if (items.length === 0) {
    place.say('No host is reached over SSH yet: add one on the page Audits, or register it by script.\n');
    return 0;
  }
  place.say(tableOf([HEADINGS, ...items.map(rowOf)]));
  for (const { name, text, canAudit } of items) if (!canAudit) place.say(`${name}: ${text}\n`);
  return items.every(({ canAudit }) => canAudit) ? 0 : 1;
}

/** What is not known, because nobody got there, is a dash. */
function rowOf({ name, place, ok, code = '', rights, canAudit }: ConnectionTest): string[] {
  return [
    name,
    place,
    ...(code === 'key' ? ['-'] : [NOT_REACHED.includes(code) ? 'no' : 'yes']),
    BEFORE.includes(code) ? '-' : (HOST_KEY[code] ?? 'accepted'),
    ok ? 'yes' : code === 'refused' ? 'no' : '-',
    rights ?? '-',
    canAudit ? 'yes' : 'no',
  ];
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const lines = rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
