import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { base } from '../parts/styles.ts';
import '../settings/history.ts';

/** Settings of the appliance, one section for each feature. */
export class ReeveSettingsPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 24px;
        justify-items: start;
      }
      section {
        display: grid;
        gap: 12px;
        width: 100%;
      }
    `,
  ];

  override render() {
    return html`<h1>${msg('Settings')}</h1>
      <section aria-labelledby="history">
        <h2 id="history">${msg('History')}</h2>
        <reeve-history-settings></reeve-history-settings>
      </section>`;
  }
}
customElements.define('reeve-settings-page', ReeveSettingsPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-settings-page': ReeveSettingsPage;
  }
}
