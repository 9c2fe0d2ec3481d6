import { css, html, LitElement } from 'lit';
import '../cost/overview.ts';
import '../cost/tariffs.ts';
import '../cost/what-if.ts';
import { msg } from '../msg.ts';
import '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import '../parts/tabs.ts';

/** What energy costs: the site's hosts, what a change would save, and the tariffs. */
export class ReeveCostPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;

  static override styles = [
    base,
    css`
      h1 {
        margin-bottom: 4px;
      }
      .tab {
        padding-top: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.params = {};
  }

  override render() {
    const tabs = [
      { id: 'overview', title: msg('Overview'), href: '/cost' },
      { id: 'what-if', title: msg('What if'), href: '/cost/what-if' },
      { id: 'tariffs', title: msg('Tariffs'), href: '/cost/tariffs' },
    ];
    const { tab = 'overview' } = this.params;
    return html`<h1>${msg('Cost')}</h1>
      <reeve-tabs label=${msg('Parts of cost')} .tabs=${tabs} selected=${tab}></reeve-tabs>
      <div class="tab">${this.#tab(tab)}</div>`;
  }

  #tab(tab: string) {
    switch (tab) {
      case 'overview':
        return html`<reeve-cost-overview></reeve-cost-overview>`;
      case 'what-if':
        return html`<reeve-what-if></reeve-what-if>`;
      case 'tariffs':
        return html`<reeve-tariffs></reeve-tariffs>`;
      default:
        return html`<reeve-notice kind="empty" heading=${msg('There is no page at this address')}>
          <a href="/cost">${msg('Go to cost')}</a>
        </reeve-notice>`;
    }
  }
}
customElements.define('reeve-cost-page', ReeveCostPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-cost-page': ReeveCostPage;
  }
}
