import { css, html, LitElement } from 'lit';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/confirm-dialog.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import '../parts/data-table.ts';
import { failureNotice } from '../parts/notice.ts';
import { base } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import { browserName } from './browser-name.ts';

type Session = ResponseOf<'GET /api/v1/sessions'>['items'][number];

/** `<reeve-sessions>`: where the person is signed in; each other session can be ended. */
export class ReeveSessions extends LitElement {
  static override properties = {
    _sessions: { state: true },
    _failure: { state: true },
    _ask: { state: true },
  };
  declare _sessions: readonly Session[] | undefined;
  declare _failure: unknown;
  declare _ask: Confirmation | undefined;
  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  /** Reads the list again, for whoever knows that it changed. */
  async load(): Promise<void> {
    try {
      this._sessions = (await call('GET /api/v1/sessions', { query: {} })).items;
      this._failure = undefined;
    } catch (error) {
      this._failure = error;
    }
  }

  override render() {
    if (this._failure && !this._sessions)
      return failureNotice(msg('The sessions could not be read'), this._failure, { again: () => void this.load() });
    if (!this._sessions)
      return html`<reeve-notice kind="loading" heading=${msg('Loading the sessions')}></reeve-notice>`;
    return html`<reeve-table
        label=${msg('Sessions')}
        name="sessions-"
        .columns=${this.#columns()}
        .rows=${this._sessions}
        .keyOf=${({ id }: Session) => id}
      ></reeve-table>
      <reeve-confirm .ask=${this._ask} @done=${this.#called} @close=${this.#called}></reeve-confirm>`;
  }

  #columns(): Column<Session>[] {
    const offsetMs = live().fleet.now() - Date.now();
    const time = (at: number) => html`<reeve-time .at=${at} .offsetMs=${offsetMs}></reeve-time>`;
    return [
      {
        id: 'browser',
        title: msg('Browser'),
        isHeading: true,
        sortBy: ({ browser }) => browserName(browser),
        cell: ({ browser }) => html`<span title=${browser}>${browserName(browser)}</span>`,
      },
      {
        id: 'from',
        title: msg('Address'),
        sortBy: ({ from }) => from,
        cell: ({ from }) => html`<span class="value">${from}</span>`,
      },
      {
        id: 'created',
        title: msg('Signed in'),
        sortBy: ({ createdAt }) => createdAt,
        cell: ({ createdAt }) => time(createdAt),
      },
      {
        id: 'seen',
        title: msg('Last used'),
        sortBy: ({ lastSeenAt }) => lastSeenAt,
        cell: ({ lastSeenAt }) => time(lastSeenAt),
      },
      { id: 'actions', title: msg('Actions'), cell: (session) => this.#action(session) },
    ];
  }

  #action(session: Session) {
    if (session.isCurrent) return html`<span class="quiet">${msg('This session')}</span>`;
    return html`<reeve-action @click=${() => this.#askEnd(session)}>${msg('End…')}</reeve-action>`;
  }

  #askEnd({ id, browser, from }: Session): void {
    this._ask = {
      heading: msg('End the session of {browser}?', { browser: browserName(browser) }),
      consequences: [msg('Whoever uses it at {from} has to sign in again.', { from })],
      verb: msg('End the session'),
      act: async () => {
        await call('DELETE /api/v1/sessions/:sessionId', { params: { sessionId: id } });
        await this.load();
      },
    };
  }

  #called(): void {
    this._ask = undefined;
  }
}
customElements.define('reeve-sessions', ReeveSessions);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-sessions': ReeveSessions;
  }
}
