import { html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { Reading } from '../parts/reading.ts';
import { Sending } from '../parts/sending.ts';
import { focusForm } from '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { formWords } from './steps.ts';
import { stepStyles } from './styles.ts';

/** `<reeve-owner-step code="…">`: makes the owner's account and signs in. Events `made`, `refused` (the code is not right any more). */
export class ReeveOwnerStep extends LitElement {
  static override properties = {
    code: { type: String },
  };
  declare code: string;
  readonly #schema = new Reading<JsonSchema>(
    this,
    () => call('GET /api/v1/forms/:form', { params: { form: 'owner' } }),
    {
      onDrawn: () => void focusForm(this),
    },
  );
  readonly #sending = new Sending(this);

  static override styles = [base, stepStyles];

  constructor() {
    super();
    this.code = '';
  }

  async #send({ detail }: CustomEvent<{ userName: string; password: string }>): Promise<void> {
    const { userName, password } = detail;
    const body = { code: this.code, userName, password };
    if (await this.#sending.run(() => call('POST /api/v1/setup/owner', { body })))
      this.dispatchEvent(new CustomEvent('made'));
    else if (this.#sending.code === 'wrong-credentials') this.dispatchEvent(new CustomEvent('refused'));
  }

  override render() {
    return html`<h1>${msg('Make the owner’s account')}</h1>
      <p class="quiet">${msg('This account may do everything. There is no other way in, and no default password.')}</p>
      ${this.#schema.view(formWords(), (schema) => this.#form(schema))}`;
  }

  /** The site has its own step: its name is left to the appliance's proposal here. */
  #form(schema: JsonSchema) {
    const { userName = {}, password = {} } = schema.properties ?? {};
    const described = { ...password, description: msg('At least 10 characters. Long is better than odd.') };
    return html`<reeve-form
      .schema=${{ ...schema, properties: { userName, password: described } }}
      .autofill=${{ userName: 'username', password: 'new-password' }}
      .problems=${this.#sending.problems}
      failure=${this.#sending.failure}
      verb=${msg('Make the account')}
      ?busy=${this.#sending.isBusy}
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
