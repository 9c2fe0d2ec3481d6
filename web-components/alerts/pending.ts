import { css, html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import { Reading } from '../parts/reading.ts';
import { base } from '../parts/styles.ts';
import { Ticker } from '../parts/ticker.ts';
import { call } from '../rest.ts';
import { severityWord } from '../severity.ts';
import { formatSpan } from '../times.ts';

type Pending = Awaited<ReturnType<typeof read>>[number];

const read = () => call('GET /api/v1/pending-alerts');
/** Each of them may come and go within seconds: the list is read again at most this often. */
const REREAD_MS = 1_000;
const SHOWN = 20;

/**
 * `<reeve-pending-alerts>`: what is broken, but not for as long as its rule asks: no alert yet, nobody is told, and most never become one.
 * Quiet, and nothing at all while there is none.
 */
export class ReevePendingAlerts extends LitElement {
  readonly #list = new Reading(this, read);
  #waiting: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      details {
        border: 1px dashed var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        color: var(--reeve-muted);
      }
      summary {
        padding: 8px 12px;
        cursor: pointer;
      }
      li {
        display: grid;
        grid-template-columns: 112px minmax(0, 1fr) auto;
        gap: 0 12px;
        padding: 4px 12px;
        overflow-wrap: anywhere;
      }
      li:last-child {
        padding-bottom: 8px;
      }
      a {
        color: inherit;
      }
      p {
        padding: 0 12px 8px;
      }
      @media (max-width: 719px) {
        li {
          grid-template-columns: 112px minmax(0, 1fr);
        }
        .value {
          grid-column: 2;
        }
      }
    `,
  ];

  constructor() {
    super();
    new Ticker(this);
    new Hearing(this, () => live().alerts.onPending(() => this.#soon()));
  }

  #soon(): void {
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      void this.#list.load();
    }, REREAD_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
  }

  override render() {
    const all = this.#list.value ?? [];
    if (all.length === 0) return nothing;
    const count = plural(all.length, { one: '{count} not an alert yet', other: '{count} not alerts yet' });
    return html`<details>
      <summary>${count}</summary>
      <p>${msg('Broken, but not for as long as the rule asks. Nobody is told, and most are over before they count.')}</p>
      <ul>
        ${all.slice(0, SHOWN).map((pending) => this.#row(pending))}
      </ul>
      ${all.length > SHOWN ? html`<p>${msg('and {count} more', { count: all.length - SHOWN })}</p>` : nothing}
    </details>`;
  }

  #row({ severity, ruleTitle, hostId, hostName, attributes = {}, sinceAt, forMs }: Pending) {
    const goneMs = Math.max(0, live().fleet.now() - sinceAt);
    const what = [ruleTitle, ...Object.values(attributes)].join(' ');
    return html`<li>
      <span>${msg('would be {severity}', { severity: severityWord(severity) })}</span>
      <span>${what}${hostId === undefined ? nothing : html` · <a href="/hosts/${hostId}">${hostName}</a>`}</span>
      <span class="value">${msg('{gone} of {span}', { gone: formatSpan(Math.min(goneMs, forMs)), span: formatSpan(forMs) })}</span>
    </li>`;
  }
}
customElements.define('reeve-pending-alerts', ReevePendingAlerts);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-pending-alerts': ReevePendingAlerts;
  }
}
