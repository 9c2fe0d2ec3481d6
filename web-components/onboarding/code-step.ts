import { html, LitElement, nothing } from 'lit';
import type { FieldProblem } from '../../protocol/problem.ts';
import { msg } from '../msg.ts';
import '../parts/settings-form.ts';
import { base } from '../parts/styles.ts';
import { ApiProblem, call, problemText } from '../rest.ts';
import { stepStyles } from './styles.ts';

/**
 * `<reeve-code-step .code=${code}>`: checks the set-up code of the link, or asks for it. Event `given` with `detail.code` when it is
 * right.
 */
export class ReeveCodeStep extends LitElement {
  static override properties = {
    code: { type: String },
    _problems: { state: true },
    _failure: { state: true },
    _isBusy: { state: true },
  };
  declare code: string | undefined;
  declare _problems: readonly FieldProblem[];
  declare _failure: string;
  declare _isBusy: boolean;
  static override styles = [base, stepStyles];

  constructor() {
    super();
    this._problems = [];
    this._failure = '';
    this._isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.code) void this.#check(this.code, true);
    else void this.updateComplete.then(() => this.renderRoot.querySelector('reeve-form')?.focus());
  }

  async #check(code: string, isOfLink = false): Promise<void> {
    this._isBusy = true;
    this._problems = [];
    this._failure = '';
    try {
      await call('POST /api/v1/setup/code', { body: { code } });
      this.dispatchEvent(new CustomEvent('given', { detail: { code } }));
    } catch (error) {
      this.#show(error, isOfLink);
    } finally {
      this._isBusy = false;
    }
  }

  #show(error: unknown, isOfLink: boolean): void {
    const isWrong = error instanceof ApiProblem && error.code === 'wrong-credentials';
    this._problems = error instanceof ApiProblem ? error.fields : [];
    if (isWrong && isOfLink)
      this._failure = msg(
        'The code of this link is not right any more: the appliance was started again since. Take the newest link.',
      );
    else this._failure = this._problems.length > 0 ? '' : problemText(error);
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
      ${this._isBusy && this.code && this._failure === '' ? html`<reeve-notice kind="loading" heading=${msg('Checking the code')}></reeve-notice>` : nothing}
      <reeve-form
        .schema=${schema}
        .problems=${this._problems}
        failure=${this._failure}
        verb=${msg('Go on')}
        ?busy=${this._isBusy}
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
