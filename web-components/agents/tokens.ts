import { css, html, LitElement } from 'lit';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import type { Level } from '../parts/levels.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import './token-dialog.ts';

type Token = ResponseOf<'GET /api/v1/agents/tokens'>['items'][number];

const ASK_MS = 5_000;

/** `<reeve-tokens>`: tokens with their uses, a new one for several hosts, and revocation. */
export class ReeveTokens extends LitElement {
  static override properties = { _isMaking: { state: true } };
  declare _isMaking: boolean;
  readonly #tokens = new Reading(
    this,
    async () => (await call('GET /api/v1/agents/tokens', { query: { limit: 1000 } })).items,
    { everyMs: ASK_MS },
  );
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    css`
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        margin-bottom: 12px;
      }
    `,
  ];

  constructor() {
    super();
    this._isMaking = false;
  }

  override render() {
    const words = { failed: msg('The tokens could not be read'), loading: msg('Loading the tokens') };
    return html`${this.#tokens.view(words, (tokens) => this.#body(tokens))}
      <reeve-token-dialog ?open=${this._isMaking} @close=${this.#made}></reeve-token-dialog>
      ${this.#dialogs.render()}`;
  }

  #body(tokens: readonly Token[]) {
    return html`<div class="head">
        <p class="quiet">${msg('A token lets machines in without anybody at the dashboard. What is over is listed for a day.')}</p>
        <button type="button" @click=${this.#make}>${icon('plus')}${msg('Token for several hosts')}</button>
      </div>
      <reeve-table
        label=${msg('Tokens')}
        .columns=${this.#columns()}
        .rows=${tokens}
        .keyOf=${({ tokenId }: Token) => tokenId}
        .words=${({ tokenId, name, tags, rack }: Token) => [tokenId, name, rack, ...(tags ?? [])].join(' ')}
      >
        <reeve-notice kind="empty" heading=${msg('No tokens')}>
          <p>${msg('"Add host" makes one for a single host. For a whole rack, make one for several.')}</p>
        </reeve-notice>
      </reeve-table>`;
  }

  #columns(): Column<Token>[] {
    const time = (at: number) => html`<reeve-time .at=${at}></reeve-time>`;
    return [
      { id: 'name', title: msg('Token'), isHeading: true, sortBy: nameOf, cell: nameOf },
      { id: 'state', title: msg('State'), sortBy: stateWord, cell: stateCell },
      {
        id: 'uses',
        title: msg('Used'),
        align: 'end',
        sortBy: ({ uses }) => uses.count,
        cell: ({ uses }) => msg('{count} of {most}', { count: uses.count, most: uses.most }),
      },
      {
        id: 'expires',
        title: msg('Expires'),
        sortBy: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => time(expiresAt),
      },
      { id: 'gives', title: msg('Tags and rack'), cell: givesText },
      { id: 'made', title: msg('Made'), sortBy: ({ createdAt }) => createdAt, cell: madeCell(time) },
      { id: 'actions', title: msg('Actions'), cell: (token) => this.#actions(token) },
    ];
  }

  #actions(token: Token) {
    if (token.state !== 'open') return '';
    return html`<reeve-action @click=${() => this.#askRevoke(token)}>${msg('Revoke…')}</reeve-action>`;
  }

  #askRevoke({ tokenId, uses, ...token }: Token): void {
    this.#dialogs.confirm({
      heading: msg('Revoke {name}?', { name: nameOf({ tokenId, uses, ...token }) }),
      consequences: [
        msg('It lets nobody in any more.'),
        ...(uses.count > 0 ? [msg('{count} agents that came in by it stay.', { count: uses.count })] : []),
      ],
      verb: msg('Revoke'),
      act: async () => {
        await call('DELETE /api/v1/agents/tokens/:tokenId', { params: { tokenId } });
        await this.#tokens.load();
      },
    });
  }

  #make(): void {
    this._isMaking = true;
  }

  #made(): void {
    this._isMaking = false;
    void this.#tokens.load();
  }
}
customElements.define('reeve-tokens', ReeveTokens);

const nameOf = ({ name, tokenId }: Token): string => name ?? tokenId;
const givesText = ({ tags = [], rack }: Token): string => [...tags, ...(rack ? [rack] : [])].join(', ') || '–';

const madeCell = (time: (at: number) => unknown) => (token: Token) =>
  html`<span>${time(token.createdAt)} <span class="quiet">${token.createdBy ?? ''}</span></span>`;

const WORDS: Record<Token['state'], () => string> = {
  open: () => msg('open'),
  used: () => msg('used up'),
  expired: () => msg('expired'),
  locked: () => msg('locked by wrong tries'),
  revoked: () => msg('revoked'),
};
const stateWord = ({ state }: Token): string => WORDS[state]();
const LEVELS: Record<Token['state'], Level> = {
  open: 'ok',
  used: 'unknown',
  expired: 'unknown',
  locked: 'warning',
  revoked: 'unknown',
};
const stateCell = (token: Token) =>
  html`<reeve-state level=${LEVELS[token.state]} word=${stateWord(token)}></reeve-state>`;

declare global {
  interface HTMLElementTagNameMap {
    'reeve-tokens': ReeveTokens;
  }
}
