import { css, html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import type { SessionAnswer } from '../../protocol/routes/access.ts';
import { msg } from '../msg.ts';
import { setTitle } from '../pages/page.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { logo } from './logo.ts';

interface Credentials {
  userName: string;
  password: string;
}

/**
 * `<reeve-entrance>`: sign-in, from the form that the appliance describes; the code of the second factor is asked for when name and
 * password were right and the account has one. Event `entered` with the session as `detail`.
 */
export class ReeveEntrance extends LitElement {
  static override properties = {
    _schema: { state: true },
    _failedToLoad: { state: true },
    _credentials: { state: true },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
  };
  declare _schema: JsonSchema | undefined;
  declare _failedToLoad: unknown;
  /** Name and password that were right, while the code is asked for. */
  declare _credentials: Credentials | undefined;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _isBusy: boolean;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        justify-items: center;
        align-content: start;
        min-height: 100dvh;
        padding: max(32px, 12vh) 16px 32px;
      }
      main {
        display: grid;
        gap: 16px;
        width: min(360px, 100%);
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        font-size: 16px;
        font-weight: 600;
        color: var(--reeve-muted);
      }
    `,
  ];

  constructor() {
    super();
    this._problems = [];
    this._failure = '';
    this._isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    setTitle(msg('Sign in'));
    void this.#load();
  }

  async #load(): Promise<void> {
    this._failedToLoad = undefined;
    try {
      this._schema = await call('GET /api/v1/forms/:form', { params: { form: 'sign-in' } });
      await this.#focusForm();
    } catch (error) {
      this._failedToLoad = error;
    }
  }

  async #focusForm(): Promise<void> {
    await this.updateComplete;
    const form = this.renderRoot.querySelector('reeve-form');
    await form?.updateComplete;
    form?.focus();
  }

  async #send({ detail }: CustomEvent<Credentials & { code?: string }>): Promise<void> {
    this._isBusy = true;
    this._problems = [];
    this._failure = '';
    try {
      const session = await call('POST /api/v1/session', { body: detail });
      this.dispatchEvent(new CustomEvent<SessionAnswer>('entered', { detail: session }));
    } catch (error) {
      this.#show(error, detail);
    } finally {
      this._isBusy = false;
    }
  }

  #show(error: unknown, { userName, password }: Credentials): void {
    if (error instanceof ApiProblem && error.code === 'second-factor-required' && !this._credentials) {
      this._credentials = { userName, password };
      void this.#focusForm();
      return;
    }
    const isFieldProblem = error instanceof ApiProblem && error.fields.length > 0;
    this._problems = isFieldProblem ? error.fields : [];
    this._failure = isFieldProblem ? '' : this.#failureText(error);
  }

  #failureText(error: unknown): string {
    const isWrong = error instanceof ApiProblem && error.code === 'wrong-credentials';
    return isWrong && this._credentials
      ? msg(
          'This code is not right, or was used before. Wait for the next one of your app, and check the time of your phone.',
        )
      : problemText(error);
  }

  #startOver(): void {
    this._credentials = undefined;
    this._failure = '';
    this._problems = [];
    void this.#focusForm();
  }

  override render() {
    return html`<main>
      <header>${logo()}Reeve</header>
      <h1>${this._credentials ? msg('One more step') : msg('Sign in')}</h1>
      ${this._credentials ? html`<p class="quiet">${msg('Your account asks for a second factor.')}</p>` : nothing}
      ${this._failedToLoad ? failureNotice(msg('This form could not be loaded'), this._failedToLoad, { again: () => void this.#load() }) : this.#form()}
    </main>`;
  }

  /** Without the code at first: most accounts need none, and whether one does is told after the password only. */
  #form() {
    if (!this._schema) return html`<reeve-notice kind="loading"></reeve-notice>`;
    const { code, ...first } = this._schema.properties ?? {};
    const credentials = this._credentials;
    return html`<reeve-form
      .schema=${credentials ? { properties: { code: code ?? {} }, required: ['code'] } : { ...this._schema, properties: first }}
      .given=${credentials ?? {}}
      .autofill=${{ userName: 'username', password: 'current-password', code: 'one-time-code' }}
      .problems=${this._problems}
      failure=${this._failure}
      verb=${msg('Sign in')}
      ?busy=${this._isBusy}
      @send=${this.#send}
      >${credentials ? html`<reeve-action slot="actions" @click=${this.#startOver}>${msg('Back')}</reeve-action>` : nothing}</reeve-form
    >`;
  }
}
customElements.define('reeve-entrance', ReeveEntrance);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-entrance': ReeveEntrance;
  }
}
