import { css, html, LitElement } from 'lit';
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
  static override properties = { counts: { attribute: false }, chosen: { type: String } };
  declare counts: Record<StatusFilter, number>;
  declare chosen: string;

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
      @media (max-width: 719px) {
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
