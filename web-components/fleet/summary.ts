import { css, html, LitElement, nothing } from 'lit';
import type { CostOverview } from '../../protocol/routes/cost.ts';
import { money, plusMinus } from '../cost/words.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import type { Level } from '../parts/levels.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import type { StatusFilter } from './filter.ts';

/**
 * `<reeve-summary .counts=${{ online: 47, attention: 2, offline: 1, unknown: 0 }} chosen="offline">`: the state of the fleet in large
 * numbers, each a filter: event `choose` with `detail.id` ('' takes the filter away).
 */
export class ReeveSummary extends LitElement {
  static override properties = { counts: { attribute: false }, chosen: { type: String }, cost: { attribute: false } };
  declare counts: Record<StatusFilter, number>;
  declare chosen: string;
  /** What energy costs; undefined while that is not known. */
  declare cost: CostOverview | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      button {
        display: flex;
        align-items: baseline;
        gap: 8px;
        padding: 6px 12px;
        border: 1px solid transparent;
        border-radius: var(--reeve-radius);
        background: none;
        color: var(--reeve-muted);
        font: inherit;
        cursor: pointer;
      }
      button:hover {
        background: var(--reeve-line);
      }
      button[aria-pressed='true'] {
        border-color: var(--reeve-accent);
        background: var(--reeve-surface);
      }
      b {
        font: 600 24px/32px var(--reeve-mono);
        font-variant-numeric: tabular-nums;
        color: var(--reeve-text);
      }
      reeve-state {
        font-size: 18px;
        align-self: center;
      }
      .cost {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 0 12px;
        padding: 6px 12px;
        color: var(--reeve-muted);
        text-decoration: none;
      }
      .cost:hover {
        color: var(--reeve-text);
      }
      .cost b {
        font: 600 14px/32px var(--reeve-mono);
      }
      @media (max-width: 719px) {
        .cost {
          padding: 4px;
          font-size: 13px;
        }
        :host {
          gap: 4px;
        }
        button {
          padding: 4px;
          gap: 5px;
          font-size: 13px;
        }
        b {
          font-size: 20px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.counts = { online: 0, attention: 0, offline: 0, unknown: 0 };
    this.chosen = '';
  }

  override render() {
    const groups: readonly (readonly [StatusFilter, Level, string])[] = [
      ['online', 'ok', msg('online')],
      ['attention', 'warning', msg('need attention')],
      ['offline', 'offline', msg('offline')],
      ['unknown', 'unknown', msg('unknown')],
    ];
    return [...this.#groups(groups), this.#cost()];
  }

  #cost() {
    const { cost } = this;
    if (!cost || (cost.watts === 0 && cost.month.kwh === 0)) return nothing;
    const { currency, today, month, uncertainty } = cost;
    const whole = (figure: { cost: number; standing: number }) => money(figure.cost + figure.standing, currency);
    const title = uncertainty === undefined ? '' : msg('energy {off}', { off: plusMinus(uncertainty) });
    return html`<a class="cost" href="/cost" title=${title}>
      <span><b>${formatValue(cost.watts, 'W')}</b></span>
      <span><b>${whole(today)}</b> ${msg('today')}</span>
      <span><b>${whole(month)}</b> ${msg('this month')}</span>
    </a>`;
  }

  #groups(groups: readonly (readonly [StatusFilter, Level, string])[]) {
    return groups
      .filter(([id]) => id === 'online' || this.counts[id] > 0 || this.chosen === id)
      .map(([id, level, word]) => this.#group(id, level, word));
  }

  #group(id: StatusFilter, level: Level, word: string) {
    const isChosen = this.chosen === id;
    return html`<button type="button" aria-pressed=${isChosen} @click=${() => this.#choose(isChosen ? '' : id)}>
      <reeve-state level=${level} word="" aria-hidden="true" quiet></reeve-state><b>${this.counts[id]}</b> ${word}
    </button>`;
  }

  #choose(id: string): void {
    this.dispatchEvent(new CustomEvent('choose', { detail: { id } }));
  }
}
customElements.define('reeve-summary', ReeveSummary);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-summary': ReeveSummary;
  }
}
