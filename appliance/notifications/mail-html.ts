import { CHART } from './chart/draw.ts';
import { colourOf, factsOf, headline, type Message } from './message.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');

const row = ({ name, value }: { name: string; value: string }): string =>
  `<tr><td style="padding:2px 16px 2px 0;color:#55606e;vertical-align:top">${escaped(name)}</td>` +
  `<td style="padding:2px 0;font-family:ui-monospace,Menlo,Consolas,monospace">${escaped(value)}</td></tr>`;

const part = (title: string, body: string): string =>
  `<p style="margin:16px 0 4px;font-weight:600">${escaped(title)}</p>${body}`;

/**
 * The mail's HTML: tables and styles on elements, because mail programs drop the rest. The picture is attached (`cid:chart`);
 * nothing is loaded from anywhere, so that opening a mail tells nobody.
 */
export function htmlOf(message: Message): string {
  const { text, causes, suggestion, action, link, chart } = message;
  const body = [
    `<p style="margin:0 0 12px">${escaped(text)}</p>`,
    `<table role="presentation" style="border-collapse:collapse;font-size:14px">${factsOf(message).map(row).join('')}</table>`,
    chart
      ? `<p style="margin:16px 0"><img src="cid:chart" alt="${escaped(chart.alt)}" width="${CHART.shownWidth}" style="max-width:100%;height:auto;background:#fff;border:1px solid #dfe3e8"></p>`
      : '',
    causes.length > 0
      ? part(
          'Likely causes',
          `<ul style="margin:0;padding-left:20px">${causes.map((cause) => `<li>${escaped(cause)}</li>`).join('')}</ul>`,
        )
      : '',
    suggestion ? part('What to do', `<p style="margin:0">${escaped(suggestion)}</p>`) : '',
    action ? part('Action', `<p style="margin:0">${escaped(action)}</p>`) : '',
    link ? `<p style="margin:20px 0 0"><a href="${escaped(link)}" style="color:#1d4ed8">Open in Reeve</a></p>` : '',
  ].join('');
  return (
    '<!doctype html><html lang="en"><body style="margin:0;padding:16px;background:#f6f7f9;color:#10151c;font:15px/1.5 system-ui,sans-serif">' +
    `<div style="max-width:640px;margin:0 auto;background:#fff;border:1px solid #dfe3e8;border-left:4px solid ${colourOf(message)};padding:20px">` +
    `<h1 style="margin:0 0 12px;font-size:18px">${escaped(headline(message))}</h1>${body}</div></body></html>`
  );
}
