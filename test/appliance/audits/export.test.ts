import { expect, test } from 'vitest';
import { asCsv } from '../../../appliance/audits/export.ts';
import { asHtml } from '../../../appliance/audits/report.ts';
import { csvCell } from '../../../appliance/csv.ts';
import type { Finding } from '../../../protocol/audits.ts';
import type { AuditDetail } from '../../../protocol/routes/audits.ts';

const ID = '019aa5a0-0000-7000-8000-00000000000a';
const HOSTILE = `=cmd|' /C calc'!A0`;
const SCRIPT = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`;

const finding = (fields: Partial<Finding>): Finding => ({
  ...{ checkId: 'open-ports', title: 'Ports are open', severity: 'high', evidence: ['tcp 0.0.0.0:23'], points: 12 },
  ...{ reason: 'Whoever is on the LAN reaches them.', remedy: 'Close them: `ufw deny 23`.' },
  ...fields,
});

const detail = (findings: Finding[], name = 'nas'): AuditDetail => ({
  audit: {
    ...{ id: ID, targetId: ID, targetName: name, kind: 'full', via: 'ssh', startedAt: 0, endedAt: 1_000 },
    ...{ state: 'done', by: 'ann', score: 88 },
  },
  findings,
  unjudged: [{ checkId: 'firewall', title: 'Firewall', why: SCRIPT }],
  passed: [{ checkId: 'clock', title: 'The clock is off' }],
});

/** Reads CSV as RFC 4180 says, to compare what a spreadsheet sees. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

test.each([...['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1'], ...[' =1+1', '＝1+1', '\u00a0@x']])(
  'a cell that begins like a formula is kept text: %j',
  (text) => {
    expect(rowsOf(`${csvCell(text)},x\r\n`)[0]?.[0]).toBe(`'${text}`);
  },
);

test('a number stays one, and a text that is none of that stays as it is', () => {
  expect(csvCell(-5)).toBe('-5');
  expect(csvCell('nas 1=2')).toBe('nas 1=2');
});

test('the table of findings holds what a host said, whatever that is, and no formula', () => {
  const evidence = [HOSTILE, 'a "quoted" line', 'two\nlines', ` ${HOSTILE}`];
  const waived = finding({ title: '@SUM(1)', points: 0, waiver: { id: ID, by: 'ann', reason: '-2+3' } });
  const rows = rowsOf(asCsv(detail([finding({ evidence }), waived], '=HYPERLINK("http://x","nas")')));
  expect(rows).toHaveLength(3);
  const [head = [], first = [], second = []] = rows;
  const value = (row: string[], name: string) => row[head.indexOf(name)];
  expect(value(first, 'host')).toBe(`'=HYPERLINK("http://x","nas")`);
  expect(value(first, 'audited')).toBe('1970-01-01T00:00:00.000Z');
  expect(value(first, 'points')).toBe('12');
  expect(value(first, 'evidence')).toBe(`'${HOSTILE}; a "quoted" line; two\nlines; ' ${HOSTILE}`);
  expect(value(second, 'finding')).toBe(`'@SUM(1)`);
  expect(value(second, 'waived because')).toBe(`'-2+3`);
});

test('on the page nothing that a host or a person said is markup, and nothing may be loaded', () => {
  const page = asHtml({
    ...detail(
      [
        finding({ title: SCRIPT, evidence: [SCRIPT], reason: SCRIPT, remedy: `${SCRIPT} \`<b>\`` }),
        finding({ points: 0, waiver: { id: ID, by: SCRIPT, reason: SCRIPT } }),
      ],
      SCRIPT,
    ),
    passed: [{ checkId: 'clock', title: SCRIPT }],
    facts: {
      system: {
        ...{ kernelName: SCRIPT, kernel: SCRIPT, machine: SCRIPT, hostName: SCRIPT, isRoot: true, at: 0 },
      },
      os: { id: SCRIPT, name: SCRIPT, version: SCRIPT, codename: SCRIPT },
      hardware: { vendor: SCRIPT, model: SCRIPT },
      cpu: { model: SCRIPT, cores: 2 },
    },
  });
  const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name = '']) => name));
  for (const tag of ['script', 'img', 'link', 'iframe', 'object', 'svg']) expect([...tags]).not.toContain(tag);
  expect(page).not.toMatch(/<[^>]*\son\w+=/i);
  expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62;');
  expect(page).toContain('<code>&#60;b&#62;</code>');
  expect(page).toContain(`default-src 'none'`);
});

test('the page says what the audit was, what it costs, what is lived with, and what nobody judged', () => {
  const page = asHtml(detail([finding({}), finding({ points: 0, waiver: { id: ID, by: 'ann', reason: 'known' } })]));
  for (const said of ['1970-01-01 00:00 UTC, full, over SSH, started by ann', '1 high, 1 waived', 'costs 12 points'])
    expect(page).toContain(said);
  expect(page).toContain('<b>waived</b> by ann: known');
  expect(page).toContain('<code>ufw deny 23</code>');
  expect(page).toMatch(/Not judged.*Firewall.*In order.*The clock is off/s);
  const { audit, ...rest } = detail([]);
  const cut = asHtml({ ...rest, audit: { ...audit, state: 'partial', problem: 'it came back without its end' } });
  expect(cut).toContain('It is not complete:</b> it came back without its end');
});
