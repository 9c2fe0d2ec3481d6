import { html, LitElement } from 'lit';
import '../account/push-switch.ts';
import '../account/second-factor.ts';
import '../account/sessions.ts';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import '../parts/form-dialog.ts';
import type { FormAsk } from '../parts/form-dialog.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { accountStyles } from '../account/styles.ts';
import { toast } from '../parts/toast.ts';
import { chooseTheme } from '../preferences.ts';
import { call, type ResponseOf } from '../rest.ts';
import { roleTitle } from '../roles.ts';
import { type ThemeChoice, themeChoice } from '../theme.ts';

type Account = ResponseOf<'GET /api/v1/account'>;

/** One's own account: password, second factor, colours, roles and sessions. */
export class ReeveAccountPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _account: { state: true },
    _failure: { state: true },
    _ask: { state: true },
    _isSettingUp: { state: true },
  };
  declare params: Record<string, string>;
  declare _account: Account | undefined;
  declare _failure: unknown;
  declare _ask: FormAsk | undefined;
  declare _isSettingUp: boolean;

  static override styles = [base, buttons, accountStyles];

  constructor() {
    super();
    this._isSettingUp = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this._account = await call('GET /api/v1/account');
      this._failure = undefined;
    } catch (error) {
      this._failure = error;
    }
  }

  override render() {
    const { _account: account } = this;
    return html`<h1>${msg('Account')}</h1>
      ${account ? this.#body(account) : this.#notYet()}`;
  }

  #notYet() {
    if (this._failure)
      return failureNotice(msg('The account could not be read'), this._failure, { again: () => void this.#load() });
    return html`<reeve-notice kind="loading" heading=${msg('Loading the account')}></reeve-notice>`;
  }

  #body(account: Account) {
    return html`<div class="rows">
        ${this.#name(account)} ${this.#password(account)} ${this.#secondFactor(account)} ${this.#colours()}
      </div>
      <section aria-labelledby="push">
        <h2 id="push">${msg('Notifications in this browser')}</h2>
        <reeve-push-switch></reeve-push-switch>
      </section>
      <section aria-labelledby="sessions">
        <h2 id="sessions">${msg('Where you are signed in')}</h2>
        <reeve-sessions></reeve-sessions>
      </section>
      <reeve-form-dialog .ask=${this._ask} @done=${this.#called} @close=${this.#called}></reeve-form-dialog>
      <reeve-second-factor
        ?open=${this._isSettingUp}
        user-name=${account.userName}
        @done=${this.#isSetUp}
        @close=${this.#isSetUp}
      ></reeve-second-factor>`;
  }

  #name({ userName, isOwner, sites }: Account) {
    const roles = sites.map(({ name, role }) => msg('{role} of {site}', { role: roleTitle(role), site: name }));
    return html`<div>
      <h2>${msg('User name')}</h2>
      <div>
        <p class="name">${userName}</p>
        <p class="quiet">${isOwner ? msg('Owner of the whole appliance') : roles.join(' · ')}</p>
      </div>
    </div>`;
  }

  #password({ passwordChangedAt }: Account) {
    const offsetMs = live().fleet.now() - Date.now();
    return html`<div>
      <h2>${msg('Password')}</h2>
      <div>
        <p>${msg('Changed')} <reeve-time .at=${passwordChangedAt} .offsetMs=${offsetMs}></reeve-time></p>
      </div>
      <button type="button" @click=${this.#askPassword}>${msg('Change…')}</button>
    </div>`;
  }

  #secondFactor({ secondFactor: { isOn, recoveryCodesLeft } }: Account) {
    const left = plural(recoveryCodesLeft, {
      one: '{count} recovery code left. Switch it off and on again to get new ones.',
      other: '{count} recovery codes left.',
    });
    return html`<div>
      <h2>${msg('Second factor')}</h2>
      <div>
        <p><reeve-state level=${isOn ? 'ok' : 'unknown'} word=${isOn ? msg('On') : msg('Off')}></reeve-state></p>
        <p class="quiet">${isOn ? left : msg('Six digits of an app on your phone, asked for at sign-in.')}</p>
      </div>
      ${
        isOn
          ? html`<button type="button" @click=${this.#askSwitchOff}>${msg('Switch off…')}</button>`
          : html`<button type="button" @click=${this.#setUp}>${msg('Set up…')}</button>`
      }
    </div>`;
  }

  #colours() {
    const chosen = themeChoice();
    const choices: { id: ThemeChoice; title: string }[] = [
      { id: 'system', title: msg('As the system') },
      { id: 'dark', title: msg('Dark') },
      { id: 'light', title: msg('Light') },
    ];
    return html`<div>
      <h2 id="colours">${msg('Colours')}</h2>
      <div><p class="quiet">${msg('On every device where you sign in.')}</p></div>
      <div class="choices" role="group" aria-labelledby="colours">
        ${choices.map(
          ({ id, title }) =>
            html`<button type="button" aria-pressed=${id === chosen} @click=${() => this.#choose(id)}>${title}</button>`,
        )}
      </div>
    </div>`;
  }

  #choose(theme: ThemeChoice): void {
    chooseTheme(theme);
    this.requestUpdate();
  }

  #askPassword(): void {
    this._ask = {
      heading: msg('Change the password'),
      lead: msg('Every other session of yours is ended.'),
      form: 'change-password',
      autofill: { current: 'current-password', password: 'new-password' },
      verb: msg('Change the password'),
      send: async (values) => {
        await call('PUT /api/v1/account/password', { body: values as { current: string; password: string } });
        toast({ text: msg('The password was changed') });
        await Promise.all([this.#load(), this.renderRoot.querySelector('reeve-sessions')?.load()]);
      },
    };
  }

  #askSwitchOff(): void {
    this._ask = {
      heading: msg('Switch the second factor off'),
      lead: msg('The password alone opens your account then, and the recovery codes become useless.'),
      form: 'remove-second-factor',
      autofill: { password: 'current-password' },
      verb: msg('Switch it off'),
      send: async (values) => {
        await call('POST /api/v1/account/second-factor/remove', { body: values as { password: string } });
        await this.#load();
      },
    };
  }

  #setUp(): void {
    this._isSettingUp = true;
  }

  #isSetUp(): void {
    this._isSettingUp = false;
    void this.#load();
  }

  #called(): void {
    this._ask = undefined;
  }
}
customElements.define('reeve-account-page', ReeveAccountPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-account-page': ReeveAccountPage;
  }
}
