import type { AuditDetail } from '../../protocol/routes/audits.ts';

/** Cells that a spreadsheet would take for a formula get a quote before them. */
const cell = (value: string | number): string => {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Findings, one a line, worst first; RFC 4180. */
export function asCsv({ audit, findings }: AuditDetail): string {
  const head = [
    'host',
    'audited',
    'severity',
    'check',
    'finding',
    'points',
    'evidence',
    'reason',
    'remedy',
    'waived because',
  ];
  const rows = findings.map((each) => [
    ...[audit.targetName, new Date(audit.startedAt).toISOString(), each.severity, each.checkId, each.title],
    ...[each.points, each.evidence.join('; '), each.reason, each.remedy, each.waiver?.reason ?? ''],
  ]);
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

const html = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** One page that stands by itself, for a file or a mail: no script, nothing loaded. */
export function asHtml({ audit, findings, unjudged, facts }: AuditDetail): string {
  const title = `Audit of ${audit.targetName}, ${new Date(audit.startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const items = findings.map(
    (
      each,
    ) => `<section><h2>${html(each.title)}</h2><p><b>${each.severity}</b>, ${each.points} points${each.waiver ? `, waived: ${html(each.waiver.reason)}` : ''}</p>
<p>${html(each.reason)}</p><ul>${each.evidence.map((line) => `<li><code>${html(line)}</code></li>`).join('')}</ul><p><b>What to do:</b> ${html(each.remedy)}</p></section>`,
  );
  const { system, os } = facts ?? {};
  const about = [os?.name, system?.kernel, system?.machine].filter(Boolean).join(', ');
  const not = unjudged.map(({ title: name, why }) => `<li>${html(name)}: ${html(why)}</li>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${html(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:80ch;margin:2rem auto;padding:0 1rem;color:#10151c}h1{font-size:1.5rem}h2{font-size:1.1rem;margin:0}section{border-top:1px solid #8a94a3;padding:1rem 0}code{overflow-wrap:anywhere}</style></head>
<body><h1>${html(title)}</h1><p>${html(about)}</p><p>Score: <b>${audit.score ?? 'not judged'}</b>${audit.score === undefined ? '' : ' of 100'}; ${findings.filter(({ waiver }) => !waiver).length} findings, ${findings.filter(({ waiver }) => waiver).length} waived.</p>
${items.join('\n')}${not ? `<section><h2>Not judged</h2><ul>${not}</ul></section>` : ''}</body></html>
`;
}
