import { css, html, LitElement, nothing } from 'lit';
import '../agents/joining.ts';
import '../agents/paired.ts';
import '../agents/tokens.ts';
import '../fleet/add-host.ts';
import { msg } from '../msg.ts';
import { icon } from '../parts/icons.ts';
import { base, buttons, pageHead } from '../parts/styles.ts';
import '../parts/tabs.ts';
import { may } from '../session.ts';

/** Agents: those that are in, those that ask to be let in, and the tokens that let in. */
export class ReeveAgentsPage extends LitElement {
  static override properties = { params: { attribute: false }, _isAdding: { state: true } };
  declare params: Record<string, string>;
  declare _isAdding: boolean;

  static override styles = [
    base,
    buttons,
    pageHead,
    css`
      reeve-tabs {
        margin-bottom: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.params = {};
    this._isAdding = false;
  }

  override render() {
    const tab = this.params.tab ?? 'paired';
    const tabs = [
      { id: 'paired', title: msg('Paired'), href: '/agents' },
      { id: 'discovered', title: msg('Discovered'), href: '/agents/discovered' },
      { id: 'tokens', title: msg('Tokens'), href: '/agents/tokens' },
    ];
    return html`<header>
        <h1>${msg('Agents')}</h1>
        ${may('admin') ? html`<button type="button" class="primary" @click=${this.#add}>${icon('plus')}${msg('Add host')}</button>` : nothing}
      </header>
      ${may('admin') ? html`<reeve-tabs label=${msg('Parts of this page')} .tabs=${tabs} selected=${tab}></reeve-tabs>` : nothing}
      ${part(tab)}
      ${may('admin') ? html`<reeve-add-host ?open=${this._isAdding} @close=${this.#added}></reeve-add-host>` : nothing}`;
  }

  #add(): void {
    this._isAdding = true;
  }

  #added(): void {
    this._isAdding = false;
  }
}
customElements.define('reeve-agents-page', ReeveAgentsPage);

function part(tab: string) {
  if (tab === 'discovered') return html`<reeve-joining-agents></reeve-joining-agents>`;
  if (tab === 'tokens') return html`<reeve-tokens></reeve-tokens>`;
  return html`<reeve-paired-agents></reeve-paired-agents>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-agents-page': ReeveAgentsPage;
  }
}
