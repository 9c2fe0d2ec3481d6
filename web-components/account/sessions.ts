import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Reading } from '../parts/reading.ts';
import { base } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import { browserName } from './browser-name.ts';

type Session = ResponseOf<'GET /api/v1/sessions'>['items'][number];

/** `<reeve-sessions>`: where the person is signed in; each other session can be ended. */
export class ReeveSessions extends LitElement {
  readonly #sessions = new Reading(this, async () => (await call('GET /api/v1/sessions', { query: {} })).items);
  readonly #dialogs = new Dialogs(this);
  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
    `,
  ];

  /** Reads the list again, for whoever knows that it changed. */
  load(): Promise<void> {
    return this.#sessions.load();
  }

  override render() {
    const words = { failed: msg('The sessions could not be read'), loading: msg('Loading the sessions') };
    return html`${this.#sessions.view(words, (sessions) => this.#table(sessions))}${this.#dialogs.render()}`;
  }

  #table(sessions: readonly Session[]) {
    return html`<reeve-table
        label=${msg('Sessions')}
        name="sessions-"
        .columns=${this.#columns()}
        .rows=${sessions}
        .keyOf=${({ id }: Session) => id}
      ></reeve-table>`;
  }

  #columns(): Column<Session>[] {
    const time = (at: number) => html`<reeve-time .at=${at}></reeve-time>`;
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
    this.#dialogs.confirm({
      heading: msg('End the session of {browser}?', { browser: browserName(browser) }),
      consequences: [msg('Whoever uses it at {from} has to sign in again.', { from })],
      verb: msg('End the session'),
      act: async () => {
        await call('DELETE /api/v1/sessions/:sessionId', { params: { sessionId: id } });
        await this.load();
      },
    });
  }
}
customElements.define('reeve-sessions', ReeveSessions);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-sessions': ReeveSessions;
  }
}
