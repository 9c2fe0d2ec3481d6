import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/copy-button.ts';
import '../parts/data-table.ts';
import '../parts/dialog.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons, copied } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';
import { filled, keyForm } from './forms.ts';
import type { SshKey } from './words.ts';

/** `<reeve-audit-keys>`: the SSH keys of audits; made, uploaded, copied, brought to hosts by a script. */
export class ReeveAuditKeys extends LitElement {
  static override properties = { _line: { state: true } };
  /** The line that registers hosts, while it is shown. */
  declare _line: string;
  readonly #keys = new Reading(this, () => allOf('GET /api/v1/audit-keys'));
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    copied,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      .lead {
        max-width: 80ch;
      }
    `,
  ];

  constructor() {
    super();
    this._line = '';
  }

  override render() {
    return html`<p class="lead quiet">
        ${msg('Audits sign in with these. The private part is kept sealed on the appliance, and never shown.')}
      </p>
      ${may('admin') ? html`<div><button type="button" class="primary" @click=${this.#add}>${icon('plus')}${msg('Add a key')}</button></div>` : undefined}
      ${this.#keys.view({ failed: msg('The keys could not be read'), loading: msg('Loading the keys') }, (keys) => this.#table(keys))}
      ${this.#dialogs.render()}
      <reeve-dialog heading=${msg('Register hosts by script')} ?open=${this._line !== ''} @close=${this.#close}>
        <div class="body">
          <p>${msg('Run this on each host. It makes the user reeve without password, lets the key in with restrictions, and tells Reeve the host key. It can be run again. The code is valid for 30 minutes.')}</p>
          <pre>${this._line}</pre>
          <div class="actions"><reeve-copy text=${this._line}></reeve-copy></div>
        </div>
      </reeve-dialog>`;
  }

  #table(keys: readonly SshKey[]) {
    return html`<reeve-table label=${msg('SSH keys')} .columns=${this.#columns()} .rows=${keys} .keyOf=${({ id }: SshKey) => id}>
      <reeve-notice kind="empty" heading=${msg('No key yet')}>
        <p>${msg('Add one: Reeve makes it, or takes one that you have.')}</p>
      </reeve-notice>
    </reeve-table>`;
  }

  #columns(): Column<SshKey>[] {
    return [
      { id: 'name', title: msg('Name'), isHeading: true, sortBy: ({ name }) => name, cell: ({ name }) => name },
      {
        id: 'kind',
        title: msg('Kind'),
        cell: ({ type, bits }) => (type === 'ssh-ed25519' ? 'Ed25519' : `RSA ${bits}`),
      },
      {
        id: 'sha256',
        title: msg('Fingerprint'),
        cell: ({ sha256 }) => html`<span class="value">${sha256.slice(0, 20)}…</span>`,
      },
      { id: 'uses', title: msg('Hosts'), align: 'end', sortBy: ({ uses }) => uses, cell: ({ uses }) => uses },
      {
        id: 'actions',
        title: msg('Actions'),
        cell: (key) => html`<span class="several">
          <reeve-copy text=${key.publicKey} label=${msg('Copy the public key')}></reeve-copy>
          ${
            may('admin')
              ? html`<reeve-action @click=${() => void this.#script(key)}>${msg('Register hosts by script…')}</reeve-action>
                <reeve-action @click=${() => this.#remove(key)}>${msg('Remove…')}</reeve-action>`
              : undefined
          }
        </span>`,
      },
    ];
  }

  #add(): void {
    this.#dialogs.fill({
      heading: msg('Add a key'),
      form: keyForm(),
      verb: msg('Add the key'),
      send: async (values) => {
        await call('POST /api/v1/audit-keys', { body: filled(values) as { name: string } });
        await this.#keys.load();
      },
    });
  }

  async #script({ id }: SshKey): Promise<void> {
    await tried(async () => {
      this._line = (await call('POST /api/v1/audit-joins', { body: { keyId: id } })).command;
    });
  }

  #remove({ id, name }: SshKey): void {
    this.#dialogs.confirm({
      heading: msg('Remove the key {name}?', { name }),
      consequences: [
        msg('The private part is gone for good. Its line in authorized_keys of hosts stays there: take it out there.'),
      ],
      verb: msg('Remove the key'),
      act: async () => {
        await call('DELETE /api/v1/audit-keys/:auditKeyId', { params: { auditKeyId: id } });
        await this.#keys.load();
      },
    });
  }

  #close(): void {
    this._line = '';
  }
}
customElements.define('reeve-audit-keys', ReeveAuditKeys);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-audit-keys': ReeveAuditKeys;
  }
}
