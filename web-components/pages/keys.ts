import { css, html, LitElement, nothing } from 'lit';
import '../keys/new-key.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { type AnswerItem, allOf } from '../paging.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons, pageHead } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call, type RequestOf } from '../rest.ts';
import { roleTitle, withRoleTitles } from '../roles.ts';
import { may, session } from '../session.ts';

type Key = AnswerItem<'GET /api/v1/keys'>;
type NewKey = RequestOf<'POST /api/v1/keys'>['body'];

/** API keys of this site: made, shown once, revoked. */
export class ReeveKeysPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _made: { state: true },
  };
  declare params: Record<string, string>;
  /** Text of the key that was just made. */
  declare _made: string;
  readonly #keys = new Reading(this, () => allOf('GET /api/v1/keys'));
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    pageHead,
    css`
      .lead {
        margin-bottom: 12px;
        max-width: 80ch;
      }
    `,
  ];

  constructor() {
    super();
    this._made = '';
  }

  override render() {
    return html`<header>
        <h1>${msg('API keys')}</h1>
        <button type="button" class="primary" @click=${this.#add}>${icon('plus')}${msg('Make a key')}</button>
      </header>
      <p class="lead quiet">
        ${msg('For programs that read or change {site} without a person. Each has a role of its own and sees this site only.', { site: session()?.siteName ?? '' })}
      </p>
      ${this.#keys.view({ failed: msg('The keys could not be read'), loading: msg('Loading the keys') }, (keys) => this.#table(keys))}
      ${this.#dialogs.render()}
      <reeve-new-key text=${this._made} @close=${this.#seen}></reeve-new-key>`;
  }

  #table(keys: readonly Key[]) {
    return html`<reeve-table
      label=${msg('API keys')}
      .columns=${this.#columns()}
      .rows=${keys}
      .keyOf=${({ id }: Key) => id}
      .words=${({ name, createdBy, role }: Key) => `${name} ${createdBy} ${roleTitle(role)}`}
    >
      <reeve-notice kind="empty" heading=${msg('No keys yet')}>
        <p>${msg('Make one for each program, so that each can be revoked by itself.')}</p>
      </reeve-notice>
    </reeve-table>`;
  }

  #columns(): Column<Key>[] {
    const now = live().fleet.now();
    const time = (at: number) => html`<reeve-time .at=${at}></reeve-time>`;
    return [
      {
        id: 'name',
        title: msg('What it is for'),
        isHeading: true,
        sortBy: ({ name }) => name,
        cell: ({ name }) => name,
      },
      { id: 'role', title: msg('Role'), sortBy: ({ role }) => role, cell: ({ role }) => roleTitle(role) },
      {
        id: 'made',
        title: msg('Made'),
        sortBy: ({ createdAt }) => createdAt,
        cell: ({ createdAt, createdBy }) =>
          html`<span>${time(createdAt)} <span class="quiet">${msg('by {name}', { name: createdBy })}</span></span>`,
      },
      {
        id: 'expires',
        title: msg('Expires'),
        sortBy: ({ expiresAt }) => expiresAt ?? Number.MAX_SAFE_INTEGER,
        cell: ({ expiresAt }) => expiryCell(expiresAt, now, time),
      },
      {
        id: 'used',
        title: msg('Last used'),
        sortBy: ({ lastUsedAt }) => lastUsedAt ?? 0,
        cell: ({ lastUsedAt, lastUsedFrom }) =>
          lastUsedAt
            ? html`<span>${time(lastUsedAt)} <span class="quiet">${lastUsedFrom ? msg('from {from}', { from: lastUsedFrom }) : nothing}</span></span>`
            : html`<span class="quiet">${msg('Never')}</span>`,
      },
      {
        id: 'actions',
        title: msg('Actions'),
        cell: (key) => html`<reeve-action @click=${() => this.#askRevoke(key)}>${msg('Revoke…')}</reeve-action>`,
      },
    ];
  }

  #add(): void {
    this.#dialogs.fill({
      heading: msg('Make an API key'),
      form: 'create-key',
      shape: (schema) => withRoleTitles(schema, may),
      verb: msg('Make the key'),
      send: async (values) => {
        const { key } = await call('POST /api/v1/keys', { body: values as NewKey });
        this._made = key;
        await this.#keys.load();
      },
    });
  }

  #askRevoke({ id, name, lastUsedAt }: Key): void {
    this.#dialogs.confirm({
      heading: msg('Revoke the key for {name}?', { name }),
      consequences: [
        msg('Every program that uses it is refused from now on. This cannot be undone.'),
        lastUsedAt ? msg('It has been in use.') : msg('It was never used.'),
      ],
      verb: msg('Revoke the key'),
      act: async () => {
        await call('DELETE /api/v1/keys/:keyId', { params: { keyId: id } });
        await this.#keys.load();
      },
    });
  }

  #seen(): void {
    this._made = '';
  }
}
customElements.define('reeve-keys-page', ReeveKeysPage);

function expiryCell(expiresAt: number | undefined, now: number, time: (at: number) => unknown) {
  if (expiresAt === undefined) return html`<span class="quiet">${msg('Never')}</span>`;
  if (expiresAt <= now) return html`<reeve-state level="warning" word=${msg('Expired')}></reeve-state>`;
  return time(expiresAt);
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-keys-page': ReeveKeysPage;
  }
}
