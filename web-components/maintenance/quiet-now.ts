import { css, html, LitElement, nothing } from 'lit';
import { msg, plural } from '../msg.ts';
import { base, buttons } from '../parts/styles.ts';
import type { ResponseOf } from '../rest.ts';
import '../parts/time.ts';
import { may } from '../session.ts';
import type { Known } from './plan-form.ts';
import { matchText } from './words.ts';

export type Quieted = ResponseOf<'GET /api/v1/silenced'>['items'][number];

/** `<reeve-quiet-now .items=${items} .known=${known}>`: what keeps alerts quiet now. Event `end` with `detail` = the item. */
export class ReeveQuietNow extends LitElement {
  static override properties = {
    items: { attribute: false },
    known: { attribute: false },
  };
  declare items: readonly Quieted[];
  declare known: Known;

  static override styles = [
    base,
    buttons,
    css`
      ul {
        border-top: 1px solid var(--reeve-line);
      }
      li {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0 16px;
        align-items: center;
        padding: 8px 0;
        border-bottom: 1px solid var(--reeve-line);
        overflow-wrap: anywhere;
      }
      span {
        display: block;
      }
    `,
  ];

  constructor() {
    super();
    this.items = [];
    this.known = { hosts: [], rules: [] };
  }

  override render() {
    if (this.items.length === 0) return html`<p>${msg('Nothing is kept quiet now: every alert is told.')}</p>`;
    return html`<ul>
      ${this.items.map((item) => this.#item(item))}
    </ul>`;
  }

  #item(item: Quieted) {
    const { kind, reason, by, to, alertIds } = item;
    const title = kind === 'silence' ? reason : item.title;
    const kinds = { silence: msg('Silence'), maintenance: msg('Maintenance') };
    const held = plural(alertIds.length, {
      one: '{count} alert is not told because of it',
      other: '{count} alerts are not told because of it',
    });
    return html`<li>
      <div>
        <span><b>${title}</b> <span class="quiet">${kinds[kind]}, ${msg('by {name}', { name: by })}</span></span>
        ${reason === title ? nothing : html`<span>${reason}</span>`}
        <span class="quiet">${matchText(item.match, this.known)} · ${msg('ends')} <reeve-time .at=${to}></reeve-time></span>
        ${alertIds.length > 0 ? html`<span>${held}</span>` : nothing}
      </div>
      ${
        may('operator')
          ? html`<button type="button" aria-label=${msg('End now: {name}', { name: title })} @click=${() => this.#end(item)}>${msg('End now')}</button>`
          : nothing
      }
    </li>`;
  }

  #end(item: Quieted): void {
    this.dispatchEvent(new CustomEvent('end', { detail: item }));
  }
}
customElements.define('reeve-quiet-now', ReeveQuietNow);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-quiet-now': ReeveQuietNow;
  }
}
