import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/menu.ts';
import type { MenuItem } from '../parts/menu.ts';
import { Reading } from '../parts/reading.ts';
import { base } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { type AnswerItem, allOf } from '../paging.ts';
import { toast } from '../parts/toast.ts';
import { call, type RequestOf } from '../rest.ts';
import { roleTitle } from '../roles.ts';
import { session } from '../session.ts';
import { sentUser, userSchema, userValues } from './user-form.ts';

type User = AnswerItem<'GET /api/v1/users'>;
type Site = AnswerItem<'GET /api/v1/sites'>;
type NewUser = RequestOf<'POST /api/v1/users'>['body'];
type EditedUser = RequestOf<'PATCH /api/v1/users/:userId'>['body'];

/** `<reeve-accounts>`: every account of the appliance, for owners: made, changed, given another password, removed. */
export class ReeveAccounts extends LitElement {
  readonly #users = new Reading(this, () => this.#read());
  readonly #dialogs = new Dialogs(this);
  #sites: readonly Site[] = [];

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
    `,
  ];

  async #read(): Promise<readonly User[]> {
    const [users, sites] = await Promise.all([allOf('GET /api/v1/users'), allOf('GET /api/v1/sites')]);
    this.#sites = sites;
    return users;
  }

  /** Opens the form for a new account. */
  add(): void {
    const here = session()?.siteId ?? '';
    this.#dialogs.fill({
      heading: msg('Add a user'),
      form: 'create-user',
      shape: (schema) => userSchema(schema, this.#sites),
      value: userValues([{ siteId: here, role: 'viewer' }]),
      autofill: { userName: 'off', password: 'new-password' },
      verb: msg('Add the user'),
      send: async (values) => {
        const made = await call('POST /api/v1/users', { body: sentUser(values) as unknown as NewUser });
        toast({ text: msg('{name} can sign in now', { name: made.userName }) });
        await this.#users.load();
      },
    });
  }

  override render() {
    const words = { failed: msg('The accounts could not be read'), loading: msg('Loading the accounts') };
    return html`${this.#users.view(words, (users) => this.#table(users))}${this.#dialogs.render()}`;
  }

  #table(users: readonly User[]) {
    return html`<reeve-table
        label=${msg('Accounts')}
        .columns=${this.#columns()}
        .rows=${users}
        .keyOf=${({ id }: User) => id}
        .words=${(user: User) => `${user.userName} ${this.#roleWords(user).join(' ')}`}
      ></reeve-table>`;
  }

  #roleWords({ isOwner, roles }: User): string[] {
    if (isOwner) return [msg('Owner')];
    const named = roles.map(({ siteId, role }) => ({ role, site: this.#sites.find(({ id }) => id === siteId)?.name }));
    return named.map(({ role, site }) => msg('{role} of {site}', { role: roleTitle(role), site: site ?? '–' }));
  }

  #columns(): Column<User>[] {
    return [
      {
        id: 'name',
        title: msg('User'),
        isHeading: true,
        sortBy: ({ userName }) => userName,
        cell: ({ id, userName }) => (id === session()?.userId ? msg('{name} (you)', { name: userName }) : userName),
      },
      {
        id: 'roles',
        title: msg('Roles'),
        sortBy: (user) => this.#roleWords(user).join(),
        cell: (user) => {
          const words = this.#roleWords(user);
          return words.length === 0
            ? html`<span class="quiet">${msg('No site')}</span>`
            : html`<span class="several">${words.map((word) => html`<span>${word}</span>`)}</span>`;
        },
      },
      {
        id: 'second-factor',
        title: msg('Second factor'),
        sortBy: ({ hasSecondFactor }) => Number(hasSecondFactor),
        cell: ({ hasSecondFactor }) => (hasSecondFactor ? msg('On') : html`<span class="quiet">${msg('Off')}</span>`),
      },
      {
        id: 'seen',
        title: msg('Last used'),
        sortBy: ({ lastSeenAt }) => lastSeenAt ?? 0,
        cell: ({ lastSeenAt }) =>
          lastSeenAt
            ? html`<reeve-time .at=${lastSeenAt}></reeve-time>`
            : html`<span class="quiet">${msg('Never')}</span>`,
      },
      { id: 'actions', title: msg('Actions'), cell: (user) => this.#menu(user) },
    ];
  }

  #menu(user: User) {
    const isOwn = user.id === session()?.userId;
    const items: MenuItem[] = [
      { id: 'edit', title: msg('Change name and roles…') },
      ...(isOwn ? [] : [{ id: 'password', title: msg('Give another password…') }]),
      ...(user.hasSecondFactor && !isOwn ? [{ id: 'factor', title: msg('Switch the second factor off…') }] : []),
      ...(isOwn ? [] : [{ id: 'remove', title: msg('Remove…'), isDanger: true }]),
    ];
    const acts: Record<string, (user: User) => void> = {
      edit: (each) => this.#edit(each),
      password: (each) => this.#resetPassword(each),
      factor: (each) => this.#askFactor(each),
      remove: (each) => this.#askRemove(each),
    };
    return html`<reeve-menu
      label=${msg('Actions for {name}', { name: user.userName })}
      .items=${items}
      @choose=${({ detail }: CustomEvent<{ id: string }>) => acts[detail.id]?.(user)}
    ></reeve-menu>`;
  }

  #edit(user: User): void {
    this.#dialogs.fill({
      heading: msg('Change {name}', { name: user.userName }),
      form: 'edit-user',
      shape: (schema) => userSchema(schema, this.#sites),
      value: { userName: user.userName, isOwner: user.isOwner, ...userValues(user.roles) },
      given: { rev: user.rev },
      verb: msg('Save'),
      send: async (values) => {
        const body = sentUser(values) as unknown as EditedUser;
        await call('PATCH /api/v1/users/:userId', { params: { userId: user.id }, body });
        await this.#users.load();
      },
    });
  }

  #resetPassword({ id, userName }: User): void {
    this.#dialogs.fill({
      heading: msg('Give {name} another password', { name: userName }),
      lead: msg('Every session of {name} is ended. Tell them the new password; they can change it under Account.', {
        name: userName,
      }),
      form: 'reset-password',
      autofill: { password: 'new-password' },
      verb: msg('Give the password'),
      send: async (values) => {
        const body = values as { password: string };
        await call('PUT /api/v1/users/:userId/password', { params: { userId: id }, body });
        toast({ text: msg('{name} has another password', { name: userName }) });
      },
    });
  }

  #askFactor({ id, userName }: User): void {
    this.#dialogs.confirm({
      heading: msg('Switch the second factor of {name} off?', { name: userName }),
      consequences: [
        msg('The password alone opens the account then.'),
        msg('Make sure that it is {name} who asks: this is what a thief of the password would want.', {
          name: userName,
        }),
      ],
      verb: msg('Switch it off'),
      act: () => this.#act(call('DELETE /api/v1/users/:userId/second-factor', { params: { userId: id } })),
    });
  }

  #askRemove({ id, userName }: User): void {
    this.#dialogs.confirm({
      heading: msg('Remove {name}?', { name: userName }),
      consequences: [
        msg('The account, its roles and its preferences.'),
        msg('Every session of {name} is ended.', { name: userName }),
        msg('API keys that {name} made are refused from now on.', { name: userName }),
        msg('What {name} did stays in the audit trail.', { name: userName }),
      ],
      verb: msg('Remove the account'),
      typed: userName,
      act: () => this.#act(call('DELETE /api/v1/users/:userId', { params: { userId: id } })),
    });
  }

  async #act(done: Promise<unknown>): Promise<void> {
    await done;
    await this.#users.load();
  }
}
customElements.define('reeve-accounts', ReeveAccounts);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-accounts': ReeveAccounts;
  }
}
