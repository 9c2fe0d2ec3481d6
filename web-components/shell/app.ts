import { css, html, LitElement } from 'lit';
import type { SessionAnswer } from '../../protocol/routes/access.ts';
import { endLive, live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { pages } from '../pages/index.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/toast.ts';
import { base } from '../parts/styles.ts';
import { call, onSignedOut } from '../rest.ts';
import { matchPage, router } from '../router.ts';
import { holdSession } from '../session.ts';
import './entrance.ts';
import { takeSetupCode } from './entrance.ts';
import './frame.ts';

type Stage =
  | { kind: 'asking' }
  | { kind: 'unreachable'; error: unknown }
  | { kind: 'owner' }
  | { kind: 'sign-in' }
  | { kind: 'inside'; session: SessionAnswer };

const RETRY_MS = 3_000;

/** `<reeve-app>`: the whole dashboard. Asks whether the appliance has an owner and who is signed in, then shows what fits. */
export class ReeveApp extends LitElement {
  static override properties = { _stage: { state: true } };
  declare _stage: Stage;
  readonly #code = takeSetupCode();
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
      const { setUp, session } = await call('GET /api/v1/entry');
      if (!setUp) this._stage = { kind: 'owner' };
      else if (session) this.#enter(session);
      else this._stage = { kind: 'sign-in' };
    } catch (error) {
      this._stage = { kind: 'unreachable', error };
      this.#retry = setTimeout(() => void this.#ask(), RETRY_MS);
    }
  }

  #enter(session: SessionAnswer): void {
    holdSession(session);
    const { connection } = live();
    connection.subscribe(() => {
      if (connection.state === 'ended') this.#leave();
    });
    this._stage = { kind: 'inside', session };
  }

  /** The session is over, by the person or by the appliance. What was open opens again after the next sign-in. */
  #leave(): void {
    if (this._stage.kind !== 'inside') return;
    this._stage = { kind: 'asking' };
    endLive();
    holdSession(undefined);
    void this.#ask();
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
        return html`<reeve-frame .session=${stage.session} @sign-out=${this.#signOut}></reeve-frame>
          <reeve-toasts></reeve-toasts>`;
      default:
        return html`<reeve-entrance
          kind=${stage.kind}
          .code=${this.#code}
          @entered=${({ detail }: CustomEvent<SessionAnswer>) => this.#enter(detail)}
        ></reeve-entrance>`;
    }
  }
}
customElements.define('reeve-app', ReeveApp);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-app': ReeveApp;
  }
}
