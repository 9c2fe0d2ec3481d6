import type { Finding, FindingSeverity } from '../../protocol/audits.ts';
import type { AuditDetail } from '../../protocol/routes/audits.ts';
import { countsOf } from './judge.ts';

/** Everything that a host said passes here: nothing of it is markup. */
const html = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Text in which commands stand between backquotes. */
const withCode = (text: string): string => html(text).replace(/`([^`]*)`/g, '<code>$1</code>');

/** Severities as the dashboard shows them. */
const SHOWN: Readonly<Record<FindingSeverity, readonly [mark: string, word: string]>> = {
  ...{ critical: ['⬢', 'critical'], high: ['◆', 'high'], medium: ['▲', 'warning'], low: ['■', 'low'] },
};

const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

const STYLE = `:root{color-scheme:light dark;--text:#10151c;--quiet:#55606e;--ground:#fff;--line:#8a94a3;--critical:#b91c1c;--high:#c2410c;--medium:#854d0e;--low:#1d4ed8}
@media screen and (prefers-color-scheme:dark){:root{--text:#e6eaf0;--quiet:#98a3b3;--ground:#0b0e13;--line:#5b6675;--critical:#f87171;--high:#fb923c;--medium:#facc15;--low:#60a5fa}}
body{font:16px/1.5 system-ui,sans-serif;max-width:80ch;margin:2rem auto;padding:0 1rem;color:var(--text);background:var(--ground);overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:0}section{border-top:1px solid var(--line);padding:1rem 0;break-inside:avoid}p,ul,dl{margin:.5rem 0}ul{padding-left:1.25rem}
code{font:.875em/1.5 ui-monospace,monospace}.quiet{color:var(--quiet)}.score{font-size:1.75rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:var(--quiet)}dd{margin:0}
.critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}`;

/** One page that stands by itself, for a file or a mail: no script, nothing loaded, on paper too. */
export function asHtml(detail: AuditDetail): string {
  const { audit, findings, unjudged, passed } = detail;
  const title = html(`Audit of ${audit.targetName}`);
  const day = new Date(audit.startedAt).toISOString().slice(0, 16).replace('T', ' ');
  const how = `${audit.kind}, ${audit.via === 'ssh' ? 'over SSH' : 'by its agent'}, started by ${audit.by}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${title}, ${day} UTC</title>
<style>${STYLE}</style></head>
<body><h1>${title}</h1><p class="quiet">${html(`${day} UTC, ${how}`)}</p>
${audit.problem ? `<p class="high"><b>${audit.state === 'failed' ? 'It failed' : 'It is not complete'}:</b> ${html(audit.problem)}</p>` : ''}
${scoreOf(detail)}${aboutOf(detail)}
${findings.map(findingOf).join('\n')}
${listOf(
  'Not judged',
  unjudged.map((each) => `${each.title}: ${each.why}`),
)}${listOf(
  'In order',
  passed.map((each) => each.title),
)}
</body></html>
`;
}

function scoreOf({ audit, findings }: AuditDetail): string {
  if (audit.score === undefined) return '<p>Nothing was judged.</p>';
  const each = countsOf(findings);
  const counts = SEVERITIES.flatMap((severity) =>
    each[severity] > 0 ? [`${each[severity]} ${SHOWN[severity][1]}`] : [],
  );
  const waived = findings.filter(({ waiver }) => waiver).length;
  const said = [...counts, ...(waived > 0 ? [`${waived} waived`] : [])].join(', ');
  return `<p><span class="score">${audit.score}</span> of 100 · ${said || 'nothing was found'}</p>`;
}

function aboutOf({ facts }: AuditDetail): string {
  if (!facts) return '';
  const { os, system, hardware, cpu, memory } = facts;
  const rows = [
    ['Operating system', os?.name],
    ['Kernel', system && `${system.kernelName} ${system.kernel} ${system.machine}`],
    ['Hardware', [hardware?.vendor, hardware?.model].filter(Boolean).join(' ')],
    ['Processor', cpu && `${cpu.cores} × ${cpu.model || 'unknown'}`],
    ['Memory', memory && `${(memory.totalBytes / 2 ** 30).toFixed(1)} GiB`],
    ['Read as', system && (system.isRoot ? 'root' : 'a user without rights: some parts stay unread')],
  ].flatMap(([name = '', value]) => (value ? `<dt>${name}</dt><dd>${html(value)}</dd>` : []));
  return `<dl>${rows.join('')}</dl>`;
}

function findingOf({ severity, title, points, evidence, reason, remedy, waiver }: Finding): string {
  const cost = points === 1 ? '1 point' : `${points} points`;
  return `<section><h2>${html(title)}</h2>
<p>${waiver ? `<b>waived</b> by ${html(waiver.by)}: ${html(waiver.reason)}` : `<b class="${severity}">${SHOWN[severity].join(' ')}</b>, costs ${cost}`}</p>
<ul>${evidence.map((line) => `<li><code>${html(line)}</code></li>`).join('')}</ul>
<p class="quiet">${html(reason)}</p><p><b>What to do:</b> ${withCode(remedy)}</p></section>`;
}

const listOf = (title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : `<section><h2>${title}</h2><ul class="quiet">${lines.map((line) => `<li>${html(line)}</li>`).join('')}</ul></section>`;
