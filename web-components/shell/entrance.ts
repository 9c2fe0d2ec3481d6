import { css, html, LitElement, nothing } from 'lit';
import type { SessionAnswer } from '../../protocol/routes/access.ts';
import { msg } from '../msg.ts';
import { setTitle } from '../pages/page.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import { focusForm } from '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { call } from '../rest.ts';
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
    _credentials: { state: true },
  };
  /** Name and password that were right, while the code is asked for. */
  declare _credentials: Credentials | undefined;
  readonly #schema = new Reading<JsonSchema>(
    this,
    () => call('GET /api/v1/forms/:form', { params: { form: 'sign-in' } }),
    { onDrawn: () => void focusForm(this) },
  );
  readonly #sending = new Sending(this);

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

  override connectedCallback(): void {
    super.connectedCallback();
    setTitle(msg('Sign in'));
  }

  async #send({ detail }: CustomEvent<Credentials & { code?: string }>): Promise<void> {
    const sending = this.#sending;
    const went = await sending.run(async () => {
      const session = await call('POST /api/v1/session', { body: detail });
      this.dispatchEvent(new CustomEvent<SessionAnswer>('entered', { detail: session }));
    });
    if (went) return;
    if (sending.code === 'second-factor-required' && !this._credentials) {
      const { userName, password } = detail;
      this._credentials = { userName, password };
      sending.clear();
      void focusForm(this);
    } else if (sending.code === 'wrong-credentials' && this._credentials)
      sending.fail(
        msg(
          'This code is not right, or was used before. Wait for the next one of your app, and check the time of your phone.',
        ),
      );
  }

  #startOver(): void {
    this._credentials = undefined;
    this.#sending.clear();
    void focusForm(this);
  }

  override render() {
    return html`<main>
      <header>${logo()}Reeve</header>
      <h1>${this._credentials ? msg('One more step') : msg('Sign in')}</h1>
      ${this._credentials ? html`<p class="quiet">${msg('Your account asks for a second factor.')}</p>` : nothing}
      ${this.#schema.view({ failed: msg('This form could not be loaded'), loading: '' }, (schema) => this.#form(schema))}
    </main>`;
  }

  /** Without the code at first: most accounts need none, and whether one does is told after the password only. */
  #form(schema: JsonSchema) {
    const { code, ...first } = schema.properties ?? {};
    const credentials = this._credentials;
    return html`<reeve-form
      .schema=${credentials ? { properties: { code: code ?? {} }, required: ['code'] } : { ...schema, properties: first }}
      .given=${credentials ?? {}}
      .autofill=${{ userName: 'username', password: 'current-password', code: 'one-time-code' }}
      .problems=${this.#sending.problems}
      failure=${this.#sending.failure}
      verb=${msg('Sign in')}
      ?busy=${this.#sending.isBusy}
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
