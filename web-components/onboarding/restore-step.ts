import { css, html, LitElement, nothing } from 'lit';
import { uploadBackup } from '../backup/upload.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { stepStyles } from './styles.ts';

type Work =
  | { kind: 'asking' }
  | { kind: 'sending'; share: number }
  | { kind: 'restoring'; text: string; share?: number };

const ASK_MS = 1_000;

/**
 * `<reeve-restore-step code="…">`: restores a backup file in the place of making an owner. Events `back`, and `restored` when the
 * appliance has started anew.
 */
export class ReeveRestoreStep extends LitElement {
  static override properties = {
    code: { type: String },
    _work: { state: true },
    _file: { state: true },
    _passphrase: { state: true },
    _failure: { state: true },
  };
  declare code: string;
  declare _work: Work;
  declare _file: File | undefined;
  declare _passphrase: string;
  declare _failure: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: AbortController | undefined;

  static override styles = [
    base,
    buttons,
    fields,
    stepStyles,
    css`
      form,
      label {
        display: grid;
        gap: 4px;
      }
      form {
        gap: 16px;
      }
      .label {
        font-weight: 500;
      }
      .wrong {
        color: var(--reeve-critical);
      }
      progress {
        width: 100%;
        accent-color: var(--reeve-accent);
      }
    `,
  ];

  constructor() {
    super();
    this.code = '';
    this._work = { kind: 'asking' };
    this._passphrase = '';
    this._failure = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => this.renderRoot.querySelector('input')?.focus());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#sending?.abort();
  }

  async #start(event: Event): Promise<void> {
    event.preventDefault();
    const file = this._file;
    if (!file) {
      this._failure = msg('Choose the file of a backup: its name ends in .reeve');
      return;
    }
    this._failure = '';
    this.#sending = new AbortController();
    try {
      const onShare = (share: number) => {
        this._work = { kind: 'sending', share };
      };
      onShare(0);
      const backup = await uploadBackup({ file, onShare, signal: this.#sending.signal, setupCode: this.code });
      const secret = this._passphrase === '' ? {} : { passphrase: this._passphrase };
      await call('POST /api/v1/setup/restore', { body: { code: this.code, backupId: backup.id, ...secret } });
      this._work = { kind: 'restoring', text: msg('Checking the backup') };
      this.#askLater();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this._work = { kind: 'asking' };
    const isCalledOff = error instanceof DOMException && error.name === 'AbortError';
    this._failure = isCalledOff ? '' : problemText(error);
  }

  #askLater(): void {
    this.#timer = setTimeout(() => void this.#ask(), ASK_MS);
  }

  /** Until the appliance has started anew: with its owner it says that it is set up, without one it knows of no restore. */
  async #ask(): Promise<void> {
    try {
      const { state, text, done, of } = await call('GET /api/v1/setup/restore');
      if (state === 'failed') return this.#fail(new Error(text));
      if (state === 'none') return void this.dispatchEvent(new CustomEvent('restored'));
      const isKnown = done !== undefined && of !== undefined && of > 0;
      this._work = { kind: 'restoring', text, ...(isKnown && { share: done / of }) };
    } catch (error) {
      const code = error instanceof ApiProblem ? error.code : 'unexpected';
      if (code === 'already-set-up') return void this.dispatchEvent(new CustomEvent('restored'));
      this._work = { kind: 'restoring', text: msg('The appliance starts anew') };
    }
    this.#askLater();
  }

  override render() {
    return html`<h1>${msg('Restore from a backup')}</h1>
      ${this._work.kind === 'asking' ? this.#form() : this.#progress(this._work)}`;
  }

  #form() {
    return html`<p class="quiet">
        ${msg('The appliance becomes what it was when the backup was made. A backup without a passphrase holds no accounts: then the owner’s account is made after it, with a new code.')}
      </p>
      <form novalidate @submit=${this.#start}>
        <label
          ><span class="label">${msg('Backup file')}</span>
          <input type="file" accept=".reeve" @change=${(event: Event) => {
            this._file = (event.target as HTMLInputElement).files?.[0];
          }}
        /></label>
        <label
          ><span class="label">${msg('Passphrase of the backup')}</span>
          <input type="password" autocomplete="off" aria-describedby="more" .value=${this._passphrase} @input=${(
            event: InputEvent,
          ) => {
            this._passphrase = (event.target as HTMLInputElement).value;
          }}
        /></label>
        <p class="quiet" id="more">${msg('Leave it empty for a backup that was made without one.')}</p>
        ${this._failure ? html`<p class="wrong" role="alert">${this._failure}</p>` : nothing}
        <div class="actions">
          <button class="primary">${msg('Restore')}</button>
          <button type="button" @click=${this.#back}>${msg('Make an account instead')}</button>
        </div>
      </form>`;
  }

  #progress(work: Exclude<Work, { kind: 'asking' }>) {
    const isSending = work.kind === 'sending';
    const text = isSending ? msg('Sending {size}', { size: formatValue(this._file?.size ?? 0, 'By') }) : work.text;
    return html`<div class="progress" role="status">
        <p id="doing">${text}</p>
        <progress aria-labelledby="doing" max="1" value=${work.share ?? nothing}></progress>
      </div>
      ${
        isSending
          ? html`<div class="actions">
            <button type="button" @click=${() => this.#sending?.abort()}>${msg('Call it off')}</button>
          </div>`
          : nothing
      }`;
  }

  #back(): void {
    this.dispatchEvent(new CustomEvent('back'));
  }
}
customElements.define('reeve-restore-step', ReeveRestoreStep);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-restore-step': ReeveRestoreStep;
  }
}
