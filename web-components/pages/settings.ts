import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { Reading } from '../parts/reading.ts';
import { base } from '../parts/styles.ts';
import { call } from '../rest.ts';
import type { Section } from '../settings/extras.ts';
import '../settings/section.ts';

/** Every section of settings that the person may see; a new one of the appliance appears by itself. */
export class ReeveSettingsPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #sections = new Reading<readonly Section[]>(this, async () => (await call('GET /api/v1/settings')).items);

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 32px;
      }
      section + section {
        padding-top: 24px;
        border-top: 1px solid var(--reeve-line);
      }
    `,
  ];

  override render() {
    const words = { failed: msg('The settings could not be read'), loading: msg('Loading the settings'), isPage: true };
    return this.#sections.view(words, (sections) => this.#page(sections));
  }

  #page(sections: readonly Section[]) {
    return html`<h1>${msg('Settings')}</h1>
      ${sections.map(
        (section) => html`<section aria-label=${section.title}>
          <reeve-settings-section .section=${section}></reeve-settings-section>
        </section>`,
      )}`;
  }
}
customElements.define('reeve-settings-page', ReeveSettingsPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-settings-page': ReeveSettingsPage;
  }
}
