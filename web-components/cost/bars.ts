import { css, html, LitElement, nothing, svg } from 'lit';
import type { CostSeries } from '../../protocol/routes/cost.ts';
import { MOST_LINES, strokeOf } from '../charts/palette.ts';
import { msg } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import { base } from '../parts/styles.ts';
import { Width } from '../parts/width.ts';
import { onThemeChange } from '../theme.ts';
import { type Stack, stacksOf, ticksOf, tickText } from './stacks.ts';
import { energy, money, stepText } from './words.ts';

const HEIGHT = 200;
const AXIS = 56;
const FOOT = 20;

/**
 * `<reeve-cost-bars .series=${series} unit="cost">`: a bar for each day or month, stacked by host, tag or rack; what is paid to you
 * (negative prices) hangs below the line. The same as a table for those who do not see it.
 */
export class ReeveCostBars extends LitElement {
  static override properties = {
    series: { attribute: false },
    unit: { type: String },
  };
  declare series: CostSeries | undefined;
  declare unit: 'cost' | 'kwh';
  readonly #width = new Width(this);

  static override styles = [
    base,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      svg {
        display: block;
        overflow: visible;
      }
      text {
        fill: var(--reeve-muted);
        font: 11px var(--reeve-mono);
      }
      line {
        stroke: var(--reeve-line);
      }
      .zero {
        stroke: var(--reeve-line-strong);
      }
      rect {
        stroke: var(--reeve-surface);
        stroke-width: 1;
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
        margin-top: 8px;
      }
      li {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        font-size: 13px;
      }
      li svg {
        flex: none;
      }
      table {
        border-collapse: collapse;
        font-size: 13px;
      }
      th,
      td {
        padding: 2px 12px 2px 0;
        text-align: start;
      }
      td {
        text-align: end;
        font-family: var(--reeve-mono);
      }
      summary {
        margin-top: 8px;
        color: var(--reeve-muted);
        font-size: 13px;
        cursor: pointer;
      }
      .scroll {
        max-height: 300px;
        overflow: auto;
      }
    `,
  ];

  constructor() {
    super();
    this.unit = 'cost';
    new Hearing(this, () => onThemeChange(() => this.requestUpdate()));
  }

  override render() {
    const { series } = this;
    if (!series || this.#width.value === 0) return nothing;
    const stack = stacksOf(series, this.unit, MOST_LINES);
    // An axis from nought to one would tell of nothing as if it were something.
    if (stack.groups.length === 0) return html`<p class="quiet">${msg('Nothing is known of these days yet.')}</p>`;
    return html`${this.#chart(series, stack)} ${this.#legend(stack)} ${this.#table(series, stack)}`;
  }

  #text(value: number): string {
    return this.unit === 'cost' ? money(value, this.series?.currency ?? 'EUR') : energy(value);
  }

  #colour(index: number): string {
    const theme = getComputedStyle(this).colorScheme.startsWith('light') ? 'light' : 'dark';
    return strokeOf(index, theme).colour;
  }

  #chart(series: CostSeries, stack: Stack) {
    const ticks = ticksOf(stack.low, stack.high);
    const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
    const y = (value: number): number => ((high - value) / (high - low || 1)) * HEIGHT;
    const room = this.#width.value - AXIS;
    const wide = room / Math.max(1, series.at.length);
    const every = Math.max(1, Math.ceil(60 / wide));
    const sum = this.#text(stack.groups.reduce((all, { values }) => all + values.reduce((a, b) => a + b, 0), 0));
    const label = msg('{count} bars, together {sum}', { count: series.at.length, sum });
    return svg`<svg width=${this.#width.value} height=${HEIGHT + FOOT + 8} role="img" aria-label=${label}>
      <g transform="translate(0 6)">
        ${ticks.map(
          (
            tick,
          ) => svg`<line class=${tick === 0 ? 'zero' : ''} x1=${AXIS} x2=${this.#width.value} y1=${y(tick)} y2=${y(tick)}></line>
          <text x=${AXIS - 6} y=${y(tick) + 4} text-anchor="end">${this.unit === 'kwh' ? energy(tick) : tickText(tick)}</text>`,
        )}
        ${series.at.map((at, step) => {
          const x = AXIS + step * wide;
          const name = stepText(at, series.by, series.timeZone);
          return svg`${stack.bars[step]?.map(({ group, from, to }) => {
            const [top, bottom] = [y(Math.max(from, to)), y(Math.min(from, to))];
            const title = `${name}: ${stack.groups[group]?.name ?? ''} ${this.#text(Math.abs(to - from))}`;
            return svg`<rect x=${x + wide * 0.1} y=${top} width=${Math.max(1, wide * 0.8)} height=${Math.max(0, bottom - top)} fill=${this.#colour(group)}><title>${title}</title></rect>`;
          })}
          ${step % every === 0 ? svg`<text x=${x + wide / 2} y=${HEIGHT + 16} text-anchor="middle">${name}</text>` : nothing}`;
        })}
      </g>
    </svg>`;
  }

  #legend({ groups }: Stack) {
    return html`<ul aria-hidden="true">
      ${groups.map(
        ({ name }, index) =>
          html`<li><svg width="12" height="12"><rect width="12" height="12" rx="2" fill=${this.#colour(index)}></rect></svg>${name}</li>`,
      )}
    </ul>`;
  }

  #table(series: CostSeries, { groups }: Stack) {
    return html`<details>
      <summary>${msg('As a table')}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label=${msg('As a table')}>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('Time')}</th>
              ${groups.map(({ name }) => html`<th scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${series.at.map(
              (at, step) => html`<tr>
                <th scope="row">${stepText(at, series.by, series.timeZone)}</th>
                ${groups.map(({ values }) => html`<td>${this.#text(values[step] ?? 0)}</td>`)}
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
  }
}
customElements.define('reeve-cost-bars', ReeveCostBars);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-cost-bars': ReeveCostBars;
  }
}
