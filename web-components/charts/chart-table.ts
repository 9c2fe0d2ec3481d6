import { html, type TemplateResult } from 'lit';
import { msg } from '../msg.ts';
import { exactTime } from '../times.ts';
import type { Line } from './line.ts';
import { formatQuantity, type Quantity } from './quantity.ts';
import { chartRows } from './summary.ts';

const MOST_ROWS = 60;

/** A chart as a table, newest first, for those to whom a picture says nothing. */
export function chartTable(title: string, lines: readonly Line[], quantity: Quantity): TemplateResult {
  return html`<div class="table" tabindex="0" role="region" aria-label=${title}>
    <table>
      <thead>
        <tr>
          <th scope="col">${msg('Time')}</th>
          ${lines.map(({ label }) => html`<th scope="col">${label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${chartRows(lines, MOST_ROWS).map(
          ({ at, values }) => html`<tr>
            <th scope="row" class="value">${exactTime(at)}</th>
            ${values.map((value) => html`<td class="value">${formatQuantity(value, quantity)}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
