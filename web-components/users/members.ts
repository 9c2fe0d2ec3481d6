import { html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { type AnswerItem, allOf } from '../paging.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Reading } from '../parts/reading.ts';
import { base } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import { call } from '../rest.ts';
import { roleMeaning, roleTitle, withRoleTitles } from '../roles.ts';
import { session } from '../session.ts';
import type { SiteRole } from './user-form.ts';

type Member = AnswerItem<'GET /api/v1/members'>;

/** `<reeve-members>`: who may enter this site and as what, for its admins; roles can be changed, people taken out. */
export class ReeveMembers extends LitElement {
  readonly #members = new Reading(this, () => allOf('GET /api/v1/members'));
  readonly #dialogs = new Dialogs(this);
  static override styles = [base];

  override render() {
    const words = { failed: msg('The members could not be read'), loading: msg('Loading the members') };
    return html`${this.#members.view(words, (members) => this.#table(members))}${this.#dialogs.render()}`;
  }

  #table(members: readonly Member[]) {
    return html`<reeve-table
        label=${msg('Members')}
        .columns=${this.#columns()}
        .rows=${members}
        .keyOf=${({ userId }: Member) => userId}
        .words=${({ userName, role }: Member) => `${userName} ${roleTitle(role)}`}
      ></reeve-table>`;
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
    this.#dialogs.fill({
      heading: msg('Change the role of {name}', { name: userName }),
      form: 'change-member',
      shape: (schema) => withRoleTitles(schema),
      value: { role },
      given: { was: role },
      verb: msg('Save'),
      send: async (values) => {
        const body = values as { was: SiteRole; role: SiteRole };
        await call('PATCH /api/v1/members/:userId', { params: { userId }, body });
        await this.#members.load();
      },
    });
  }

  #askRemove({ userId, userName }: Member): void {
    const site = session()?.siteName ?? '';
    this.#dialogs.confirm({
      heading: msg('Take {name} out of {site}?', { name: userName, site }),
      consequences: [
        msg('{name} sees nothing of {site} any more, at once.', { name: userName, site }),
        msg('The account stays. Only an owner gives it a role here again.'),
      ],
      verb: msg('Take out'),
      act: async () => {
        await call('DELETE /api/v1/members/:userId', { params: { userId } });
        await this.#members.load();
      },
    });
  }
}
customElements.define('reeve-members', ReeveMembers);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-members': ReeveMembers;
  }
}
