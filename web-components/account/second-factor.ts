import { css, html, LitElement, nothing } from 'lit';
import { saveFile } from '../charts/save.ts';
import { msg } from '../msg.ts';
import '../parts/copy-button.ts';
import '../parts/dialog.ts';
import { type FormName, formSchema } from '../parts/form-dialog.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import '../parts/settings-form.ts';
import { base, buttons } from '../parts/styles.ts';
import { ApiProblem, call, problemText, type ResponseOf } from '../rest.ts';
import './qr-code.ts';
import { groupedKey, recoveryText } from './texts.ts';

type Begun = ResponseOf<'POST /api/v1/account/second-factor'>;
type Step = { kind: 'password' } | { kind: 'code'; begun: Begun } | { kind: 'recovery'; codes: readonly string[] };

const styles = css`
  .body {
    display: grid;
    gap: 16px;
  }
  .scan {
    display: flex;
    flex-wrap: wrap;
    gap: 16px;
  }
  .scan > div {
    flex: 1 1 240px;
    display: grid;
    align-content: start;
    justify-items: start;
    gap: 8px;
  }
  code {
    font: 13px/20px var(--reeve-mono);
    overflow-wrap: anywhere;
    user-select: all;
  }
  .codes {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
    gap: 4px 16px;
    padding: 12px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-ground);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
`;

/**
 * `<reeve-second-factor open user-name="anna">`: switches the second factor on: password, QR code, six digits, recovery codes.
 * Event `done` when it is on and the codes were seen, `close` when it was called off.
 */
export class ReeveSecondFactor extends LitElement {
  static override properties = {
    open: { type: Boolean },
    userName: { type: String, attribute: 'user-name' },
    _step: { state: true },
    _schema: { state: true },
    _isBusy: { state: true },
    _failure: { state: true },
    _problems: { state: true },
  };
  declare open: boolean;
  declare userName: string;
  declare _step: Step;
  declare _schema: JsonSchema | undefined;
  declare _isBusy: boolean;
  declare _failure: string;
  declare _problems: ApiProblem['fields'];

  static override styles = [base, buttons, styles];

  constructor() {
    super();
    this.open = false;
    this.userName = '';
    this._step = { kind: 'password' };
    this._isBusy = false;
    this._failure = '';
    this._problems = [];
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('open') || !this.open) return;
    void this.#goTo({ kind: 'password' }, 'begin-second-factor');
  }

  async #goTo(step: Step, form?: FormName): Promise<void> {
    this._step = step;
    this._failure = '';
    this._problems = [];
    this._schema = undefined;
    if (!form) return;
    try {
      this._schema = await formSchema(form);
      await this.updateComplete;
      const drawn = this.renderRoot.querySelector('reeve-form');
      await drawn?.updateComplete;
      drawn?.focus();
    } catch (error) {
      this._failure = problemText(error);
    }
  }

  async #send(work: () => Promise<void>): Promise<void> {
    this._isBusy = true;
    this._failure = '';
    this._problems = [];
    try {
      await work();
    } catch (error) {
      this._problems = error instanceof ApiProblem ? error.fields : [];
      this._failure = this._problems.length > 0 ? '' : problemText(error);
    } finally {
      this._isBusy = false;
    }
  }

  readonly #begin = ({ detail }: CustomEvent<{ password: string }>): Promise<void> =>
    this.#send(async () => {
      const begun = await call('POST /api/v1/account/second-factor', { body: detail });
      await this.#goTo({ kind: 'code', begun }, 'confirm-second-factor');
    });

  readonly #confirm = ({ detail }: CustomEvent<{ code: string }>): Promise<void> =>
    this.#send(async () => {
      const { recoveryCodes } = await call('POST /api/v1/account/second-factor/confirm', { body: detail });
      await this.#goTo({ kind: 'recovery', codes: recoveryCodes });
    });

  /** Once it is on, whatever closes the dialog means that the codes were seen. */
  #close(): void {
    this.dispatchEvent(new CustomEvent(this._step.kind === 'recovery' ? 'done' : 'close'));
  }

  override render() {
    if (!this.open) return nothing;
    const headings = {
      password: msg('Set up the second factor'),
      code: msg('Connect your authenticator app'),
      recovery: msg('The second factor is on'),
    };
    return html`<reeve-dialog heading=${headings[this._step.kind]} open @close=${this.#close}>
      <div class="body">${this.#body()}</div>
    </reeve-dialog>`;
  }

  #body() {
    switch (this._step.kind) {
      case 'password':
        return html`<p class="quiet">
            ${msg('From then on, signing in asks for six digits of an app on your phone besides the password.')}
          </p>
          ${this.#form(msg('Go on'), this.#begin, { password: 'current-password' })}`;
      case 'code':
        return this.#scan(this._step.begun);
      case 'recovery':
        return this.#recovery(this._step.codes);
    }
  }

  #form(verb: string, send: unknown, autofill: Record<string, string>) {
    if (!this._schema)
      return html`<reeve-notice kind=${this._failure ? 'error' : 'loading'} heading=${this._failure}></reeve-notice>`;
    return html`<reeve-form
      .schema=${this._schema}
      .autofill=${autofill}
      .problems=${this._problems}
      failure=${this._failure}
      verb=${verb}
      ?busy=${this._isBusy}
      @send=${send}
    ></reeve-form>`;
  }

  #scan({ uri, secret }: Begun) {
    return html`<div class="scan">
        <reeve-qr-code text=${uri} label=${msg('QR code for your authenticator app')}></reeve-qr-code>
        <div>
          <p>${msg('Scan this with your authenticator app, or type the key into it:')}</p>
          <code>${groupedKey(secret)}</code>
          <reeve-copy text=${secret} label=${msg('Copy the key')}></reeve-copy>
        </div>
      </div>
      ${this.#form(msg('Switch it on'), this.#confirm, { code: 'one-time-code' })}`;
  }

  #recovery(codes: readonly string[]) {
    const text = recoveryText(this.userName, codes);
    return html`<p>
        ${msg('Keep these recovery codes where you find them without your phone. Each opens your account once, in place of the six digits. They are not shown again.')}
      </p>
      <ul class="codes">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ul>
      <div class="actions">
        <reeve-copy text=${codes.join('\n')} label=${msg('Copy the codes')}></reeve-copy>
        <button type="button" @click=${() => saveFile('reeve-recovery-codes.txt', new Blob([text], { type: 'text/plain' }))}>
          ${msg('Download')}
        </button>
        <button type="button" class="primary" @click=${this.#close}>${msg('I have kept them')}</button>
      </div>`;
  }
}
customElements.define('reeve-second-factor', ReeveSecondFactor);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-second-factor': ReeveSecondFactor;
  }
}
