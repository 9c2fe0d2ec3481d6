import { css, html, LitElement, nothing, svg } from 'lit';
import { language, msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import { Width } from '../parts/width.ts';
import { money, power } from './words.ts';

export interface Week {
  currency: string;
  watts: (number | null)[][];
  cost: (number | null)[][];
}

const ROW = 22;
const HEAD = 20;
const SIDE = 40;

/** Monday is the third of January 2000. */
const dayName = (day: number): string =>
  new Intl.DateTimeFormat(language(), { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2000, 0, 3 + day));

/** `<reeve-cost-week .week=${pattern} unit="cost">`: hour by weekday, the more the stronger; each cell says its figure. */
export class ReeveCostWeek extends LitElement {
  static override properties = { week: { attribute: false }, unit: { type: String } };
  declare week: Week | undefined;
  declare unit: 'cost' | 'watts';
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
      }
      text {
        fill: var(--reeve-muted);
        font: 11px var(--reeve-mono);
      }
      .cell {
        fill: var(--reeve-accent);
      }
      .empty {
        fill: none;
        stroke: var(--reeve-line);
      }
      p {
        margin-top: 4px;
      }
    `,
  ];

  constructor() {
    super();
    this.unit = 'cost';
  }

  override render() {
    const { week } = this;
    const { value: width } = this.#width;
    if (!week || width === 0) return nothing;
    const rows = week[this.unit];
    const known = rows.flat().filter((value) => value !== null);
    // From the least to the most: a house that never sleeps would be one colour, reckoned from zero.
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const text = (value: number): string => (this.unit === 'cost' ? money(value, week.currency, 2) : power(value));
    const dearest = extreme(rows, Math.max);
    const cheapest = extreme(rows, Math.min);
    const wide = (width - SIDE) / 24;
    const label =
      dearest && cheapest
        ? msg('Most at {most}, least at {least}', { most: placeOf(dearest), least: placeOf(cheapest) })
        : '';
    return html`${svg`<svg width=${width} height=${HEAD + 7 * ROW} role="img" aria-label=${label}>
        ${Array.from({ length: 24 }, (_, hour) =>
          hour % (wide < 20 ? 6 : 3) === 0
            ? svg`<text x=${SIDE + hour * wide} y="12">${String(hour).padStart(2, '0')}</text>`
            : nothing,
        )}
        ${rows.map(
          (row, day) => svg`<text x="0" y=${HEAD + day * ROW + 15}>${dayName(day)}</text>
          ${row.map((value, hour) => {
            const box = { x: SIDE + hour * wide + 0.5, y: HEAD + day * ROW + 0.5 };
            if (value === null)
              return svg`<rect class="empty" x=${box.x} y=${box.y} width=${wide - 1} height=${ROW - 1}></rect>`;
            const share = high > low ? (value - low) / (high - low) : 0.5;
            return svg`<rect class="cell" x=${box.x} y=${box.y} width=${wide - 1} height=${ROW - 1} fill-opacity=${0.12 + 0.88 * share}><title>${dayName(day)} ${hour}–${hour + 1}: ${text(value)}</title></rect>`;
          })}`,
        )}
      </svg>`}
      ${
        dearest && cheapest
          ? html`<p class="quiet">${msg('Most: {most}, {much}. Least: {least}, {little}.', {
              most: placeOf(dearest),
              much: text(dearest.value),
              least: placeOf(cheapest),
              little: text(cheapest.value),
            })}</p>`
          : html`<p class="quiet">${msg('Nothing is known of these days yet.')}</p>`
      }`;
  }
}
customElements.define('reeve-cost-week', ReeveCostWeek);

interface Place {
  day: number;
  hour: number;
  value: number;
}

const placeOf = ({ day, hour }: Place): string =>
  `${dayName(day)} ${String(hour).padStart(2, '0')}–${String(hour + 1).padStart(2, '0')}`;

function extreme(
  rows: readonly (readonly (number | null)[])[],
  of: (...values: number[]) => number,
): Place | undefined {
  let found: Place | undefined;
  for (const [day, row] of rows.entries())
    for (const [hour, value] of row.entries()) {
      if (value !== null && (!found || of(value, found.value) !== found.value)) found = { day, hour, value };
    }
  return found;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-cost-week': ReeveCostWeek;
  }
}
