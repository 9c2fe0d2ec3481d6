import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectors } from '../../agent/collectors/index.ts';

const ROOT = join(import.meta.dirname, '../..');

const SYSTEMS = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' } as const;
/** A table as the formatter wants it: cells padded to the width of their column. */
function table(rows: string[][]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const line = (row: string[], fill = ' ') => `| ${row.map((text, i) => text.padEnd(width(i), fill)).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [
    line(head),
    line(
      head.map(() => '-'),
      '-',
    ),
    ...rest.map((row) => line(row)),
  ];
}

/** Every metric of every collector, as docs/metrics.md shows them. */
function metricsPaper(): string {
  const chapters = collectors.map(({ id, title, descriptors, read }) => {
    const systems = Object.entries(SYSTEMS).flatMap(([platform, name]) => (platform in read ? name : []));
    const rows = descriptors.map(({ id: metric, title: name, unit, kind, attributes = [], chart }) => {
      const card = chart?.card ? ` (card ${chart.card})` : '';
      const of = attributes.map((each) => `\`${each}\``).join(', ') || '–';
      return [`\`${metric}\``, `${name}${card}`, `\`${unit}\``, kind, of];
    });
    return [
      `## ${title}`,
      '',
      `Collector \`${id}\`, on ${systems.join(', ')}.`,
      '',
      ...table([['metric', 'what', 'unit', 'kind', 'attributes'], ...rows]),
    ].join('\n');
  });
  const head =
    'Every metric that an agent can send. Made from the descriptors of the collectors by `test/agent/metrics-list.test.ts`, which fails when this is not so; with `-u` it writes this file. ' +
    'Units are UCUM: `1` is a share from 0 to 1. Systems other than Linux have fewer values of some collectors.';
  return `# Metrics\n\n${head}\n\n${chapters.join('\n\n')}\n`;
}

test('docs/metrics.md lists every metric as its collector describes it', async () => {
  await expect(metricsPaper()).toMatchFileSnapshot(join(ROOT, 'docs/metrics.md'));
});
