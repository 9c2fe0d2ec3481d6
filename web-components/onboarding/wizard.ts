import { css, html, LitElement, nothing } from 'lit';
import { msg } from '../msg.ts';
import { setTitle } from '../pages/page.ts';
import { icon } from '../parts/icons.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { logo } from '../shell/logo.ts';
import './code-step.ts';
import './host-step.ts';
import './owner-step.ts';
import './restore-step.ts';
import './site-step.ts';
import { STEPS, type StepId } from './steps.ts';

/**
 * `<reeve-wizard step="owner" code="…">`: setting up, step by step. How far it came is kept on the appliance; event `next` when
 * another step is due, or the dashboard.
 */
export class ReeveWizard extends LitElement {
  static override properties = {
    step: { type: String },
    code: { type: String },
    _given: { state: true },
    _isRestoring: { state: true },
  };
  declare step: 'owner' | 'site' | 'host';
  /** Of the link. */
  declare code: string | undefined;
  /** The code, once the appliance found it right. */
  declare _given: string | undefined;
  declare _isRestoring: boolean;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        justify-items: center;
        align-content: start;
        gap: 32px;
        min-height: 100dvh;
        padding: max(24px, 8vh) 16px 32px;
      }
      header,
      main {
        display: grid;
        gap: 16px;
        width: min(480px, 100%);
      }
      .brand {
        display: flex;
        align-items: center;
        gap: 8px;
        font-size: 16px;
        font-weight: 600;
        color: var(--reeve-muted);
      }
      ol {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: 8px;
      }
      li {
        display: flex;
        gap: 4px;
        padding-top: 8px;
        border-top: 2px solid var(--reeve-line);
        color: var(--reeve-muted);
        font-size: 13px;
      }
      li.done {
        border-top-color: var(--reeve-line-strong);
      }
      li[aria-current='step'] {
        border-top-color: var(--reeve-accent);
        color: var(--reeve-text);
        font-weight: 600;
      }
      li svg {
        width: 16px;
        flex: none;
      }
      .skip {
        justify-self: start;
        margin-left: -8px;
      }
    `,
  ];

  constructor() {
    super();
    this.step = 'owner';
    this._isRestoring = false;
  }

  get #current(): StepId {
    return this.step === 'owner' && this._given === undefined ? 'code' : this.step;
  }

  override updated(): void {
    setTitle(msg('Set up'));
  }

  async #goTo(step: 'host' | 'done'): Promise<void> {
    await tried(async () => {
      await call('PUT /api/v1/onboarding', { body: { step } });
      this.#next();
    });
  }

  #next(): void {
    this.dispatchEvent(new CustomEvent('next'));
  }

  override render() {
    const current = this.#current;
    return html`<header>
        <div class="brand">${logo()}Reeve</div>
        ${this.#progress(current)}
      </header>
      <main>${this.#body(current)}</main>`;
  }

  #progress(current: StepId) {
    const at = STEPS.findIndex(({ id }) => id === current);
    return html`<ol aria-label=${msg('Steps of setting up')}>
      ${STEPS.map(
        ({ title }, index) => html`<li
          class=${index < at ? 'done' : ''}
          aria-current=${index === at ? 'step' : nothing}
        >
          ${index < at ? icon('check') : nothing}<span>${title()}</span>
          ${index < at ? html`<span class="for-readers">${msg('done')}</span>` : nothing}
        </li>`,
      )}
    </ol>`;
  }

  #body(current: StepId) {
    switch (current) {
      case 'code':
        return html`<reeve-code-step
          .code=${this.code}
          @given=${({ detail }: CustomEvent<{ code: string }>) => {
            this._given = detail.code;
          }}
        ></reeve-code-step>`;
      case 'owner':
        return this._isRestoring ? this.#restore() : this.#owner();
      case 'site':
        return html`<reeve-site-step @done=${this.#next}></reeve-site-step>
          <button type="button" class="bare skip quiet" @click=${() => void this.#goTo('host')}>
            ${msg('Skip: all of this is under Settings too')}
          </button>`;
      case 'host':
        return html`<reeve-host-step @done=${() => void this.#goTo('done')}></reeve-host-step>`;
    }
  }

  #owner() {
    return html`<reeve-owner-step
        code=${this._given ?? ''}
        @made=${this.#next}
        @refused=${this.#refused}
      ></reeve-owner-step>
      <button type="button" class="bare skip quiet" @click=${() => this.#chooseRestore(true)}>
        ${msg('Restore from a backup instead')}
      </button>`;
  }

  #restore() {
    return html`<reeve-restore-step
      code=${this._given ?? ''}
      @back=${() => this.#chooseRestore(false)}
      @restored=${this.#restored}
    ></reeve-restore-step>`;
  }

  #chooseRestore(isRestoring: boolean): void {
    this._isRestoring = isRestoring;
  }

  /** The appliance started anew: with its accounts to sign in, or without any and with another code. */
  #restored(): void {
    this.code = undefined;
    this._given = undefined;
    this._isRestoring = false;
    this.#next();
  }

  /** The appliance was started again meanwhile: its new link has the new code. */
  #refused(): void {
    this.code = undefined;
    this._given = undefined;
    toast({
      text: msg('The set-up code is not right any more: the appliance was started again. Take the newest link.'),
    });
  }
}
customElements.define('reeve-wizard', ReeveWizard);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-wizard': ReeveWizard;
  }
}
