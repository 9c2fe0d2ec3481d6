import { css, html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import '../parts/time.ts';
import type { ResponseOf } from '../rest.ts';
import { changesOf, valueText } from './changes.ts';

export type TrailEntry = ResponseOf<'GET /api/v1/audit-trail'>['items'][number];

/** `<reeve-trail-entry .entry=${entry}>`: who did what, when and from where, in one line; what was changed on demand. */
export class ReeveTrailEntry extends LitElement {
  static override properties = { entry: { attribute: false } };
  declare entry: TrailEntry;

  static override styles = [
    base,
    css`
      details {
        border-bottom: 1px solid var(--reeve-line);
      }
      summary {
        display: grid;
        grid-template-columns: 96px minmax(80px, 140px) 1fr minmax(90px, 150px);
        gap: 4px 12px;
        align-items: baseline;
        padding: 8px 12px;
        cursor: pointer;
        list-style-position: inside;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        background: var(--reeve-raised);
      }
      .who {
        font-weight: 600;
      }
      .who,
      .what,
      .from {
        overflow-wrap: anywhere;
      }
      .from {
        color: var(--reeve-muted);
        text-align: right;
      }
      dl {
        display: grid;
        grid-template-columns: max-content 1fr;
        gap: 4px 16px;
        padding: 4px 12px 12px;
      }
      dt {
        color: var(--reeve-muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      del {
        color: var(--reeve-muted);
      }
      ins {
        text-decoration: none;
        font-weight: 600;
      }
      @media (max-width: 720px) {
        summary {
          grid-template-columns: 1fr auto;
        }
        .what,
        .from {
          grid-column: 1 / -1;
          text-align: left;
        }
      }
    `,
  ];

  override render() {
    const { at, who, title, from } = this.entry;
    return html`<details>
      <summary>
        <reeve-time .at=${at}></reeve-time>
        <span class="who">${who || msg('somebody')}</span>
        <span class="what">${title}${this.#about()}</span>
        <span class="from value">${from}</span>
      </summary>
      ${this.#more()}
    </details>`;
  }

  /** What it was about, by name where there is one. */
  #about() {
    const { detail } = this.entry;
    const hostId = typeof detail.hostId === 'string' ? detail.hostId : undefined;
    const host = hostId === undefined ? undefined : live().fleet.get(hostId);
    const name = host?.name ?? [detail.name, detail.section, detail.jobId].find((each) => typeof each === 'string');
    return name === undefined ? nothing : html`: <strong>${name}</strong>`;
  }

  #more() {
    const { at, what, detail, before, after, seq } = this.entry;
    const changes = changesOf(before, after, before === undefined || after === undefined ? msg('value') : '');
    return html`<dl>
      ${changes.map(
        ({ field, before: was, after: is }) =>
          html`<dt>${field}</dt>
            <dd><del>${valueText(was)}</del> → <ins>${valueText(is)}</ins></dd>`,
      )}
      ${Object.entries(detail).map(
        ([name, value]) => html`<dt>${name}</dt>
          <dd>${valueText(value)}</dd>`,
      )}
      <dt>${msg('Action')}</dt>
      <dd class="value">${what}</dd>
      <dt>${msg('Time')}</dt>
      <dd class="value">${new Date(at).toISOString()}</dd>
      ${
        seq === undefined
          ? nothing
          : html`<dt>${msg('Number')}</dt>
            <dd class="value">${seq}</dd>`
      }
    </dl>`;
  }
}
customElements.define('reeve-trail-entry', ReeveTrailEntry);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-trail-entry': ReeveTrailEntry;
  }
}
