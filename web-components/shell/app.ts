import { css, html, LitElement } from 'lit';
import type { SessionAnswer } from '../../protocol/routes/access.ts';
import type { Connection } from '../live/connection.ts';
import { endLive, live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { pages } from '../pages/index.ts';
import { failureNotice } from '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { forgetPreferences, loadPreferences } from '../preferences.ts';
import { call, onSignedOut, type ResponseOf } from '../rest.ts';
import { matchPage, router } from '../router.ts';
import { holdSession } from '../session.ts';
import './entrance.ts';
import './frame.ts';
import './leave.ts';
import { takeSetupCode } from './setup-code.ts';

type Step = 'owner' | NonNullable<ResponseOf<'GET /api/v1/entry'>['next']>;
type Stage =
  | { kind: 'asking' }
  | { kind: 'unreachable'; error: unknown }
  | { kind: 'onboarding'; step: Step }
  | { kind: 'sign-in' }
  | { kind: 'inside'; session: SessionAnswer };

const RETRY_MS = 3_000;

/** `<reeve-app>`: the whole dashboard. Asks whether the appliance has an owner and who is signed in, then shows what fits. */
export class ReeveApp extends LitElement {
  static override properties = { _stage: { state: true } };
  declare _stage: Stage;
  readonly #code = takeSetupCode();
  /** Whose end is heard of. */
  #connection: Connection | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      .alone {
        display: grid;
        justify-content: center;
        padding: 20vh 16px;
      }
    `,
  ];

  constructor() {
    super();
    this._stage = { kind: 'asking' };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    router.start();
    // The page's file comes while the appliance answers who is signed in; a failure is shown when the page is opened.
    void matchPage(pages, location.pathname)
      ?.page.load()
      .catch(() => undefined);
    onSignedOut(() => this.#leave());
    void this.#ask();
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      const { setUp, session, next } = await call('GET /api/v1/entry');
      if (!setUp) await this.#onboard('owner');
      else if (!session) this._stage = { kind: 'sign-in' };
      else {
        this.#hold(session);
        if (next) await this.#onboard(next);
        else this._stage = { kind: 'inside', session };
      }
    } catch (error) {
      this._stage = { kind: 'unreachable', error };
      this.#retry = setTimeout(() => void this.#ask(), RETRY_MS);
    }
  }

  #hold(session: SessionAnswer): void {
    holdSession(session);
    void loadPreferences();
    const { connection } = live();
    if (connection === this.#connection) return;
    this.#connection = connection;
    connection.subscribe(() => {
      if (connection.state === 'ended') this.#leave();
    });
  }

  /** The steps are needed once in the life of an appliance: their file comes then. */
  async #onboard(step: Step): Promise<void> {
    await import('../onboarding/wizard.ts');
    this._stage = { kind: 'onboarding', step };
  }

  /** The session is over, by the person or by the appliance. What was open opens again after the next sign-in. */
  #leave(): void {
    if (this._stage.kind === 'inside' || this._stage.kind === 'onboarding') this.#again();
  }

  /** Asks anew who is signed in, where, and what comes next. */
  #again(): void {
    this._stage = { kind: 'asking' };
    endLive();
    holdSession(undefined);
    forgetPreferences();
    void this.#ask();
  }

  /** A record of the site that one leaves is not there in the other: its page gives way to the fleet. */
  async #changeSite({ detail }: CustomEvent<{ siteId: string }>): Promise<void> {
    if (!(await tried(() => call('PUT /api/v1/session/site', { body: { siteId: detail.siteId } })))) return;
    if (Object.keys(matchPage(pages, location.pathname)?.params ?? {}).length > 0) router.go('/');
    this.#again();
  }

  async #signOut(): Promise<void> {
    await call('DELETE /api/v1/session').catch(() => undefined);
    this.#leave();
  }

  override render() {
    const stage = this._stage;
    switch (stage.kind) {
      case 'asking':
        return html``;
      case 'unreachable':
        return html`<main class="alone">
          ${failureNotice(msg('The appliance does not answer'), stage.error, { again: () => void this.#ask(), isPage: true })}
        </main>`;
      case 'inside':
        return html`<reeve-frame
            .session=${stage.session}
            @sign-out=${this.#signOut}
            @change-site=${this.#changeSite}
          ></reeve-frame>
          <reeve-leave></reeve-leave>
          <reeve-toasts></reeve-toasts>`;
      case 'onboarding':
        return html`<reeve-wizard
            step=${stage.step}
            .code=${this.#code}
            @next=${() => void this.#ask()}
          ></reeve-wizard>
          <reeve-toasts></reeve-toasts>`;
      case 'sign-in':
        return html`<reeve-entrance @entered=${() => void this.#ask()}></reeve-entrance>`;
    }
  }
}
customElements.define('reeve-app', ReeveApp);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-app': ReeveApp;
  }
}
