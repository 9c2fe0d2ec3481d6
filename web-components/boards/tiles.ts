import { css, html, LitElement } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Judged } from '../fleet/filter.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';

/** `<reeve-tiles .hosts=${judged}>`: a tile for each host, with its state and the worst thing that is wrong. */
export class ReeveTiles extends LitElement {
  static override properties = { hosts: { attribute: false } };
  declare hosts: readonly Judged[];

  static override styles = [
    base,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 144px), 1fr));
        gap: 8px;
      }
      a {
        display: grid;
        gap: 2px;
        height: 100%;
        padding: 8px 10px;
        border-radius: var(--reeve-radius);
        background: var(--reeve-ground);
        color: var(--reeve-text);
        text-decoration: none;
        overflow-wrap: anywhere;
      }
      a:hover b {
        text-decoration: underline;
      }
      b {
        font-weight: 600;
      }
      .quiet {
        font-size: 12px;
        line-height: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.hosts = [];
  }

  override render() {
    return html`<ul>
      ${repeat(
        this.hosts,
        ({ host }) => host.id,
        ({ host, condition }) => html`<li>
          <a href="/hosts/${host.id}">
            <b>${host.name}</b>
            <reeve-state level=${condition.level} word=${condition.word}></reeve-state>
            ${condition.concerns[0] ? html`<span class="quiet">${condition.concerns[0].text}</span>` : ''}
          </a>
        </li>`,
      )}
    </ul>`;
  }
}
customElements.define('reeve-tiles', ReeveTiles);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-tiles': ReeveTiles;
  }
}
