import { css, html, LitElement, nothing } from 'lit';
import type { BackupAnswer, RESTORE_WORD } from '../../protocol/backups.ts';
import { msg } from '../msg.ts';
import '../parts/dialog.ts';
import { Sending } from '../parts/sending.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { exactTime } from '../times.ts';

const WORD: typeof RESTORE_WORD = 'restore';

/** `<reeve-restore .backup=${backup}>`: says exactly what a restore replaces, asks for the passphrase and the word, and starts it. Event `close`. */
export class ReeveRestore extends LitElement {
  static override properties = {
    backup: { attribute: false },
    _typed: { state: true },
    _passphrase: { state: true },
  };
  declare backup: BackupAnswer | undefined;
  declare _typed: string;
  declare _passphrase: string;
  readonly #sending = new Sending(this);

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form,
      label,
      ul {
        display: grid;
        gap: 8px;
      }
      form {
        gap: 16px;
      }
      li::before {
        content: '– ';
      }
      .wrong {
        color: var(--reeve-critical);
      }
      .actions {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.#clear();
  }

  #clear(): void {
    this._typed = '';
    this._passphrase = '';
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('backup')) return;
    this.#clear();
    this.#sending.clear();
  }

  async #restore(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.backup || this.#sending.isBusy || this._typed !== WORD) return;
    const { id, isEncrypted } = this.backup;
    const isDone = await this.#sending.run(() =>
      call('POST /api/v1/backups/:backupId/restore', {
        params: { backupId: id },
        body: { confirm: WORD, ...(isEncrypted && { passphrase: this._passphrase }) },
      }),
    );
    if (isDone) this.#close();
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('close'));
  }

  override render() {
    const { backup } = this;
    const { text: wrong, isBusy } = this.#sending;
    const at = backup ? exactTime(backup.madeAt) : '';
    return html`<reeve-dialog heading=${msg('Restore the backup of {time}?', { time: at })} ?open=${backup !== undefined} @close=${this.#close}>
      <form @submit=${this.#restore}>
        <ul>
          <li>${
            backup?.isEncrypted
              ? msg('Everything that came after {time} is replaced: hosts, history, settings, the audit trail.', {
                  time: at,
                })
              : msg('What came after {time} is replaced: hosts, history, settings.', { time: at })
          }</li>
          ${
            backup?.isEncrypted
              ? html`<li>${msg('Accounts, API keys and pairings are as they were then: what was taken away since is back, what was added since is gone.')}</li>`
              : html`<li>${msg('It holds no accounts, keys or pairings: those of now stay.')}</li>`
          }
          ${backup?.isOwn ? nothing : html`<li>${msg('It was made by another appliance: this one takes its place.')}</li>`}
          <li>${msg('The appliance starts anew, and everybody signs in again. The data of now is kept as a folder beside it.')}</li>
        </ul>
        ${
          backup?.isEncrypted
            ? html`<label>${msg('Passphrase of the backup')}
                <input type="password" autocomplete="off" required .value=${this._passphrase} @input=${(
                  event: InputEvent,
                ) => {
                  this._passphrase = (event.target as HTMLInputElement).value;
                }} />
              </label>`
            : nothing
        }
        <label>${msg('Type {word} to go on', { word: WORD })}
          <input autocomplete="off" .value=${this._typed} @input=${(event: InputEvent) => {
            this._typed = (event.target as HTMLInputElement).value;
          }} />
        </label>
        ${wrong ? html`<p class="wrong" role="alert">${wrong}</p>` : nothing}
        <div class="actions">
          <button type="button" @click=${this.#close}>${msg('Keep what is here')}</button>
          <button class="danger" ?disabled=${isBusy || this._typed !== WORD}>${msg('Restore')}</button>
        </div>
      </form>
    </reeve-dialog>`;
  }
}
customElements.define('reeve-restore', ReeveRestore);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-restore': ReeveRestore;
  }
}
