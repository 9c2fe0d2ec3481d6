import { html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { type AnswerItem, allOf } from '../paging.ts';
import '../parts/confirm-dialog.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import '../parts/data-table.ts';
import '../parts/form-dialog.ts';
import type { FormAsk } from '../parts/form-dialog.ts';
import { failureNotice } from '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import { call } from '../rest.ts';
import { roleMeaning, roleTitle, withRoleTitles } from '../roles.ts';
import { session } from '../session.ts';
import type { SiteRole } from './user-form.ts';

type Member = AnswerItem<'GET /api/v1/members'>;

/** `<reeve-members>`: who may enter this site and as what, for its admins; roles can be changed, people taken out. */
export class ReeveMembers extends LitElement {
  static override properties = {
    _members: { state: true },
    _failure: { state: true },
    _ask: { state: true },
    _form: { state: true },
  };
  declare _members: readonly Member[] | undefined;
  declare _failure: unknown;
  declare _ask: Confirmation | undefined;
  declare _form: FormAsk | undefined;
  static override styles = [base];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this._members = await allOf('GET /api/v1/members');
      this._failure = undefined;
    } catch (error) {
      this._failure = error;
    }
  }

  override render() {
    if (this._failure && !this._members)
      return failureNotice(msg('The members could not be read'), this._failure, { again: () => void this.#load() });
    if (!this._members) return html`<reeve-notice kind="loading" heading=${msg('Loading the members')}></reeve-notice>`;
    return html`<reeve-table
        label=${msg('Members')}
        .columns=${this.#columns()}
        .rows=${this._members}
        .keyOf=${({ userId }: Member) => userId}
        .words=${({ userName, role }: Member) => `${userName} ${roleTitle(role)}`}
      ></reeve-table>
      <reeve-confirm .ask=${this._ask} @done=${this.#called} @close=${this.#called}></reeve-confirm>
      <reeve-form-dialog .ask=${this._form} @done=${this.#called} @close=${this.#called}></reeve-form-dialog>`;
  }

  #columns(): Column<Member>[] {
    return [
      {
        id: 'name',
        title: msg('User'),
        isHeading: true,
        sortBy: ({ userName }) => userName,
        cell: ({ userId, userName }) =>
          userId === session()?.userId ? msg('{name} (you)', { name: userName }) : userName,
      },
      { id: 'role', title: msg('Role'), sortBy: ({ role }) => role, cell: ({ role }) => roleTitle(role) },
      {
        id: 'meaning',
        title: msg('May'),
        cell: ({ role }) => html`<span class="quiet">${roleMeaning(role)}</span>`,
      },
      { id: 'actions', title: msg('Actions'), cell: (member) => this.#actions(member) },
    ];
  }

  #actions(member: Member) {
    if (member.role === 'owner' || member.userId === session()?.userId) return '';
    return html`<span class="several">
      <reeve-action @click=${() => this.#change(member)}>${msg('Change role…')}</reeve-action>
      <reeve-action @click=${() => this.#askRemove(member)}>${msg('Take out…')}</reeve-action>
    </span>`;
  }

  #change({ userId, userName, role }: Member): void {
    this._form = {
      heading: msg('Change the role of {name}', { name: userName }),
      form: 'change-member',
      shape: (schema) => withRoleTitles(schema),
      value: { role },
      given: { was: role },
      verb: msg('Save'),
      send: async (values) => {
        const body = values as { was: SiteRole; role: SiteRole };
        await call('PATCH /api/v1/members/:userId', { params: { userId }, body });
        await this.#load();
      },
    };
  }

  #askRemove({ userId, userName }: Member): void {
    const site = session()?.siteName ?? '';
    this._ask = {
      heading: msg('Take {name} out of {site}?', { name: userName, site }),
      consequences: [
        msg('{name} sees nothing of {site} any more, at once.', { name: userName, site }),
        msg('The account stays. Only an owner gives it a role here again.'),
      ],
      verb: msg('Take out'),
      act: async () => {
        await call('DELETE /api/v1/members/:userId', { params: { userId } });
        await this.#load();
      },
    };
  }

  #called(): void {
    this._ask = undefined;
    this._form = undefined;
  }
}
customElements.define('reeve-members', ReeveMembers);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-members': ReeveMembers;
  }
}
