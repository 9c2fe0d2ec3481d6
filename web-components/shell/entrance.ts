import { css, html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import type { SessionAnswer } from '../../protocol/routes/access.ts';
import { msg } from '../msg.ts';
import { setTitle } from '../pages/page.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import '../parts/notice.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { logo } from './logo.ts';

/** Takes the set-up code out of the address (`#code=…`), so that it stays neither in the bar nor in the history. */
export function takeSetupCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return code;
}

/**
 * `<reeve-entrance kind="owner" code="…">`: first visit (`owner`) or sign-in (`sign-in`), from the form that the appliance describes.
 * Event `entered` with the session as `detail`.
 */
export class ReeveEntrance extends LitElement {
  static override properties = {
    kind: { type: String },
    code: { type: String },
    _schema: { state: true },
    _failedToLoad: { state: true },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
  };
  declare kind: 'owner' | 'sign-in';
  declare code: string | undefined;
  declare _schema: JsonSchema | undefined;
  declare _failedToLoad: unknown;
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
    this.kind = 'sign-in';
    this._problems = [];
    this._failure = '';
    this._isBusy = false;
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('kind')) return;
    setTitle(this.kind === 'owner' ? msg('Set up') : msg('Sign in'));
    void this.#load();
  }

  async #load(): Promise<void> {
    this._failedToLoad = undefined;
    try {
      this._schema = await call('GET /api/v1/forms/:form', { params: { form: this.kind } });
      await this.updateComplete;
      this.renderRoot.querySelector('reeve-form')?.updateComplete.then(() => this.#focusFirst());
    } catch (error) {
      this._failedToLoad = error;
    }
  }

  #focusFirst(): void {
    this.renderRoot.querySelector('reeve-form')?.renderRoot.querySelector<HTMLElement>('input:not([value])')?.focus();
  }

  async #send({ detail }: CustomEvent<Record<string, string>>): Promise<void> {
    this._isBusy = true;
    this._problems = [];
    this._failure = '';
    try {
      const session = await this.#enter(detail);
      this.dispatchEvent(new CustomEvent<SessionAnswer>('entered', { detail: session }));
    } catch (error) {
      this.#show(error);
    } finally {
      this._isBusy = false;
    }
  }

  #enter(values: Record<string, string>): Promise<SessionAnswer> {
    const { code = '', siteName, userName = '', password = '' } = values;
    if (this.kind === 'sign-in') return call('POST /api/v1/session', { body: { userName, password } });
    const body = { code, userName, password, ...(siteName !== undefined && { siteName }) };
    return call('POST /api/v1/setup/owner', { body });
  }

  #show(error: unknown): void {
    const isFieldProblem = error instanceof ApiProblem && error.fields.length > 0;
    this._problems = isFieldProblem ? error.fields : [];
    this._failure = isFieldProblem ? '' : problemText(error);
    // A wrong code came from an old link: let the person type the new one.
    if (this.kind === 'owner' && error instanceof ApiProblem && error.code === 'wrong-credentials')
      this.code = undefined;
  }

  override render() {
    const isOwner = this.kind === 'owner';
    return html`<main>
      <header>${logo()}Reeve</header>
      <h1>${isOwner ? msg('Make the owner’s account') : msg('Sign in')}</h1>
      ${isOwner ? html`<p class="quiet">${this.#help()}</p>` : nothing}
      ${this._failedToLoad ? failureNotice(msg('This form could not be loaded'), this._failedToLoad, { again: () => void this.#load() }) : this.#form(isOwner)}
    </main>`;
  }

  #help(): string {
    return this.code === undefined
      ? msg('The appliance printed a link with a set-up code when it started. Open that link, or type its code here.')
      : msg('This account may do everything.');
  }

  #form(isOwner: boolean) {
    if (!this._schema) return html`<reeve-notice kind="loading"></reeve-notice>`;
    return html`<reeve-form
      .schema=${this._schema}
      .given=${isOwner && this.code !== undefined ? { code: this.code } : {}}
      .autofill=${{ userName: 'username', password: isOwner ? 'new-password' : 'current-password', siteName: 'off' }}
      .problems=${this._problems}
      failure=${this._failure}
      verb=${isOwner ? msg('Make the account') : msg('Sign in')}
      ?busy=${this._isBusy}
      @send=${this.#send}
    ></reeve-form>`;
  }
}
customElements.define('reeve-entrance', ReeveEntrance);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-entrance': ReeveEntrance;
  }
}
