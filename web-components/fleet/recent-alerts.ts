import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { alertLine, alertLineStyles } from '../alerts/alert-line.ts';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';

const SHOWN = 5;

/** `<reeve-recent-alerts .alerts=${alerts}>`: the last alerts that fired, what is over included. */
export class ReeveRecentAlerts extends LitElement {
  static override properties = { alerts: { attribute: false } };
  declare alerts: readonly AlertHead[];

  static override styles = [
    base,
    alertLineStyles,
    css`
      :host {
        display: block;
      }
      h2 {
        margin-bottom: 8px;
        color: var(--reeve-muted);
      }
      .all {
        display: block;
        padding-top: 8px;
        border-top: 1px solid var(--reeve-line);
      }
    `,
  ];

  constructor() {
    super();
    this.alerts = [];
  }

  override render() {
    if (this.alerts.length === 0) return nothing;
    return html`<h2>${msg('Recent alerts')}</h2>
      <ul>
        ${this.alerts.slice(0, SHOWN).map((alert) => alertLine(alert))}
      </ul>
      <a class="all" href="/alerts?view=history">${msg('All that fired')}</a>`;
  }
}
customElements.define('reeve-recent-alerts', ReeveRecentAlerts);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-recent-alerts': ReeveRecentAlerts;
  }
}
