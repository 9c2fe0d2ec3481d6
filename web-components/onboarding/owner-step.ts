import { html, LitElement } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { stepStyles } from './styles.ts';

/** `<reeve-owner-step code="…">`: makes the owner's account and signs in. Events `made`, `refused` (the code is not right any more). */
export class ReeveOwnerStep extends LitElement {
  static override properties = {
    code: { type: String },
    _schema: { state: true },
    _unread: { state: true },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
  };
  declare code: string;
  declare _schema: JsonSchema | undefined;
  declare _unread: unknown;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _isBusy: boolean;
  static override styles = [base, stepStyles];

  constructor() {
    super();
    this.code = '';
    this._problems = [];
    this._failure = '';
    this._isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    this._unread = undefined;
    try {
      this._schema = await call('GET /api/v1/forms/:form', { params: { form: 'owner' } });
      await this.updateComplete;
      const form = this.renderRoot.querySelector('reeve-form');
      await form?.updateComplete;
      form?.focus();
    } catch (error) {
      this._unread = error;
    }
  }

  async #send({ detail }: CustomEvent<{ userName: string; password: string }>): Promise<void> {
    this._isBusy = true;
    this._problems = [];
    this._failure = '';
    try {
      const { userName, password } = detail;
      await call('POST /api/v1/setup/owner', { body: { code: this.code, userName, password } });
      this.dispatchEvent(new CustomEvent('made'));
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'wrong-credentials')
        this.dispatchEvent(new CustomEvent('refused'));
      this._problems = error instanceof ApiProblem ? error.fields : [];
      this._failure = this._problems.length > 0 ? '' : problemText(error);
    } finally {
      this._isBusy = false;
    }
  }

  override render() {
    return html`<h1>${msg('Make the owner’s account')}</h1>
      <p class="quiet">${msg('This account may do everything. There is no other way in, and no default password.')}</p>
      ${this._unread ? failureNotice(msg('This form could not be loaded'), this._unread, { again: () => void this.#load() }) : this.#form()}`;
  }

  /** The site has its own step: its name is left to the appliance's proposal here. */
  #form() {
    if (!this._schema) return html`<reeve-notice kind="loading"></reeve-notice>`;
    const { userName = {}, password = {} } = this._schema.properties ?? {};
    const described = { ...password, description: msg('At least 10 characters. Long is better than odd.') };
    return html`<reeve-form
      .schema=${{ ...this._schema, properties: { userName, password: described } }}
      .autofill=${{ userName: 'username', password: 'new-password' }}
      .problems=${this._problems}
      failure=${this._failure}
      verb=${msg('Make the account')}
      ?busy=${this._isBusy}
      @send=${this.#send}
    ></reeve-form>`;
  }
}
customElements.define('reeve-owner-step', ReeveOwnerStep);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-owner-step': ReeveOwnerStep;
  }
}
