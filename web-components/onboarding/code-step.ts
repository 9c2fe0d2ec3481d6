import { html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { Sending } from '../parts/sending.ts';
import { focusForm } from '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { stepStyles } from './styles.ts';

/**
 * `<reeve-code-step .code=${code}>`: checks the set-up code of the link, or asks for it. Event `given` with `detail.code` when it is
 * right.
 */
export class ReeveCodeStep extends LitElement {
  static override properties = { code: { type: String } };
  declare code: string | undefined;
  readonly #sending = new Sending(this);
  static override styles = [base, stepStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.code) void this.#check(this.code, true);
    else void focusForm(this);
  }

  async #check(code: string, isOfLink = false): Promise<void> {
    const went = await this.#sending.run(() => call('POST /api/v1/setup/code', { body: { code } }));
    if (went) this.dispatchEvent(new CustomEvent('given', { detail: { code } }));
    else if (this.#sending.code === 'wrong-credentials' && isOfLink)
      this.#sending.fail(
        msg(
          'The code of this link is not right any more: the appliance was started again since. Take the newest link.',
        ),
      );
  }

  override render() {
    const schema = {
      properties: { code: { type: 'string', title: msg('Set-up code') } },
      required: ['code'],
    };
    return html`<h1>${msg('Prove that this appliance is yours')}</h1>
      <p class="quiet">
        ${msg('The appliance printed a link with a set-up code when it started: on its console and in its log. Open that link, or type its code here.')}
      </p>
      ${this.#sending.isBusy && this.code && this.#sending.failure === '' ? html`<reeve-notice kind="loading" heading=${msg('Checking the code')}></reeve-notice>` : nothing}
      <reeve-form
        .schema=${schema}
        .problems=${this.#sending.problems}
        failure=${this.#sending.failure}
        verb=${msg('Go on')}
        ?busy=${this.#sending.isBusy}
        @send=${({ detail }: CustomEvent<{ code?: string }>) => void this.#check((detail.code ?? '').trim())}
      ></reeve-form>`;
  }
}
customElements.define('reeve-code-step', ReeveCodeStep);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-code-step': ReeveCodeStep;
  }
}
