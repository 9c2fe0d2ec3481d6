import { css, html, LitElement } from 'lit';
import { byUrgency, type Concern } from '../condition.ts';
import { msg } from '../msg.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import '../parts/time.ts';
import type { Judged } from './filter.ts';

const SHOWN = 12;

/** `<reeve-attention .hosts=${judged}>`: everything that is wrong now, worst first, with the host and since when; `heading` in other words. */
export class ReeveAttention extends LitElement {
  static override properties = {
    heading: { type: String },
    hosts: { attribute: false },
  };
  declare heading: string;
  declare hosts: readonly Judged[];

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      h2 {
        margin-bottom: 8px;
        color: var(--reeve-muted);
      }
      li {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr);
        gap: 0 8px;
        padding: 8px 0;
        border-top: 1px solid var(--reeve-line);
        overflow-wrap: anywhere;
      }
      reeve-state {
        align-self: start;
        padding-top: 3px;
      }
      a {
        color: var(--reeve-text);
        font-weight: 600;
        text-decoration: none;
      }
      a.what {
        font-weight: 400;
      }
      .quiet a {
        color: var(--reeve-muted);
      }
      a:hover {
        text-decoration: underline;
      }
    `,
  ];

  constructor() {
    super();
    this.heading = '';
    this.hosts = [];
  }

  override render() {
    const all = this.hosts.flatMap(({ host, condition }) => condition.concerns.map((concern) => ({ host, concern })));
    all.sort((a, b) => byUrgency(a.concern, b.concern));
    const more = all.length - SHOWN;
    return html`<h2>${this.heading || msg('Needs attention')}</h2>
      <ul>
        ${all.slice(0, SHOWN).map(
          ({ host, concern }) => html`<li class=${concern.isQuiet ? 'quiet' : ''}>
            <reeve-state level=${concern.level} quiet></reeve-state>
            <div>
              <a href="/hosts/${host.id}">${host.name}</a> ${concernText(concern)}
              ${concern.since === undefined ? '' : html`<span class="quiet">· <reeve-time .at=${concern.since}></reeve-time></span>`}
            </div>
          </li>`,
        )}
      </ul>
      ${more > 0 ? html`<p class="quiet">${msg('and {count} more', { count: more })}</p>` : ''}`;
  }
}
customElements.define('reeve-attention', ReeveAttention);

/** What is wrong leads to the alert about it; what is in hand says so. */
function concernText({ text, alert, isQuiet = false }: Concern) {
  const hand = isQuiet ? html`<span class="quiet"> · ${inHand(alert)}</span>` : '';
  return alert ? html`<a class="what" href="/alerts/${alert.id}">${text}</a>${hand}` : text;
}

function inHand(alert: Concern['alert']): string {
  if (alert?.status === 'acknowledged')
    return msg('acknowledged by {name}', { name: alert.acknowledgedBy ?? msg('somebody') });
  return alert?.held === undefined ? msg('snoozed') : alert.held.why;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-attention': ReeveAttention;
  }
}
