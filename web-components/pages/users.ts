import { html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { icon } from '../parts/icons.ts';
import { base, buttons, pageHead } from '../parts/styles.ts';
import { may, session } from '../session.ts';
import '../users/accounts.ts';
import '../users/members.ts';

/** Who may do what: every account for owners, the members of this site for its admins. */
export class ReeveUsersPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;

  static override styles = [base, buttons, pageHead];

  override render() {
    const isOwner = may('owner');
    return html`<header>
        <h1>${isOwner ? msg('Users') : msg('Members of {site}', { site: session()?.siteName ?? '' })}</h1>
        ${isOwner ? html`<button type="button" class="primary" @click=${this.#add}>${icon('plus')}${msg('Add user')}</button>` : nothing}
      </header>
      ${isOwner ? html`<reeve-accounts></reeve-accounts>` : html`<reeve-members></reeve-members>`}`;
  }

  #add(): void {
    this.renderRoot.querySelector('reeve-accounts')?.add();
  }
}
customElements.define('reeve-users-page', ReeveUsersPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-users-page': ReeveUsersPage;
  }
}
