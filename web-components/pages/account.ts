import { html, LitElement } from 'lit';
import '../account/push-switch.ts';
import '../account/second-factor.ts';
import '../account/sessions.ts';
import { msg, plural } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Reading } from '../parts/reading.ts';
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
    _isSettingUp: { state: true },
  };
  declare params: Record<string, string>;
  declare _isSettingUp: boolean;
  readonly #account = new Reading<Account>(this, () => call('GET /api/v1/account'));
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons, accountStyles];

  constructor() {
    super();
    this._isSettingUp = false;
  }

  override render() {
    const words = { failed: msg('The account could not be read'), loading: msg('Loading the account') };
    return html`<h1>${msg('Account')}</h1>
      ${this.#account.view(words, (account) => this.#body(account))} ${this.#dialogs.render()}`;
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
    return html`<div>
      <h2>${msg('Password')}</h2>
      <div>
        <p>${msg('Changed')} <reeve-time .at=${passwordChangedAt}></reeve-time></p>
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
    this.#dialogs.fill({
      heading: msg('Change the password'),
      lead: msg('Every other session of yours is ended.'),
      form: 'change-password',
      autofill: { current: 'current-password', password: 'new-password' },
      verb: msg('Change the password'),
      send: async (values) => {
        await call('PUT /api/v1/account/password', { body: values as { current: string; password: string } });
        toast({ text: msg('The password was changed') });
        await Promise.all([this.#account.load(), this.renderRoot.querySelector('reeve-sessions')?.load()]);
      },
    });
  }

  #askSwitchOff(): void {
    this.#dialogs.fill({
      heading: msg('Switch the second factor off'),
      lead: msg('The password alone opens your account then, and the recovery codes become useless.'),
      form: 'remove-second-factor',
      autofill: { password: 'current-password' },
      verb: msg('Switch it off'),
      send: async (values) => {
        await call('POST /api/v1/account/second-factor/remove', { body: values as { password: string } });
        await this.#account.load();
      },
    });
  }

  #setUp(): void {
    this._isSettingUp = true;
  }

  #isSetUp(): void {
    this._isSettingUp = false;
    void this.#account.load();
  }
}
customElements.define('reeve-account-page', ReeveAccountPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-account-page': ReeveAccountPage;
  }
}
