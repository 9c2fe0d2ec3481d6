import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { msg } from '../msg.ts';
import { Reading } from '../parts/reading.ts';
import { base } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { alertLine, alertLineStyles } from './alert-line.ts';

const SHOWN = 10;

/** `<reeve-alert-incident .alert=${alert}>`: the alerts that fired together with this one; nothing when it fired alone. */
export class ReeveAlertIncident extends LitElement {
  static override properties = { alert: { attribute: false } };
  declare alert: AlertHead | undefined;
  readonly #others = new Reading(this, () => this.#read());

  static override styles = [
    base,
    alertLineStyles,
    css`
      section {
        padding: 12px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
      }
      h2 {
        margin-bottom: 8px;
        color: var(--reeve-muted);
      }
    `,
  ];

  async #read(): Promise<readonly AlertHead[]> {
    const { id, incidentId } = this.alert ?? {};
    if (incidentId === undefined) return [];
    const { items } = await call('GET /api/v1/alerts', { query: { incidentId, limit: 50 } });
    return items.filter((each) => each.id !== id);
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('alert') as AlertHead | undefined;
    if (before && before.incidentId !== this.alert?.incidentId) void this.#others.load();
  }

  override render() {
    const others = this.#others.value ?? [];
    if (others.length === 0) return nothing;
    return html`<section>
      <h2>${msg('Fired together')}</h2>
      <ul>
        ${others.slice(0, SHOWN).map((alert) => alertLine(alert))}
      </ul>
      ${others.length > SHOWN ? html`<p class="quiet">${msg('and {count} more', { count: others.length - SHOWN })}</p>` : nothing}
    </section>`;
  }
}
customElements.define('reeve-alert-incident', ReeveAlertIncident);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-incident': ReeveAlertIncident;
  }
}
