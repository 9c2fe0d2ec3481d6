import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { failureNotice } from '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import { call } from '../rest.ts';
import type { Section } from '../settings/extras.ts';
import '../settings/section.ts';

/** Every section of settings that the person may see; a new one of the appliance appears by itself. */
export class ReeveSettingsPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _sections: { state: true },
    _unread: { state: true },
  };
  declare params: Record<string, string>;
  declare _sections: readonly Section[] | undefined;
  declare _unread: unknown;

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

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      const { items } = await call('GET /api/v1/settings');
      this._sections = items;
      this._unread = undefined;
    } catch (error) {
      this._unread = error;
    }
  }

  override render() {
    if (this._unread) {
      return failureNotice(msg('The settings could not be read'), this._unread, {
        again: () => void this.#load(),
        isPage: true,
      });
    }
    if (!this._sections)
      return html`<reeve-notice page kind="loading" heading=${msg('Loading the settings')}></reeve-notice>`;
    return html`<h1>${msg('Settings')}</h1>
      ${this._sections.map(
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
