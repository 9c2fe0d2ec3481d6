import { html, LitElement } from 'lit';
import '../fleet/add-host.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/confirm-dialog.ts';
import type { Confirmation } from '../parts/confirm-dialog.ts';
import '../parts/data-table.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import './pair-dialog.ts';

export type Join = ResponseOf<'GET /api/v1/agents/joins'>['items'][number];
type Heard = ResponseOf<'GET /api/v1/agents/discovered'>['items'][number];

/** A machine on the LAN that is not in: one that asks to be let in, or one that only makes itself known. */
interface Row {
  id: string;
  name: string;
  version: string;
  address: string;
  at: number;
  join?: Join;
}

const ASK_MS = 3_000;

/** `<reeve-joining-agents>`: machines that are not in, none of them verified, and the way to let them in. */
export class ReeveJoiningAgents extends LitElement {
  static override properties = {
    _rows: { state: true },
    _failure: { state: true },
    _pairing: { state: true },
    _ask: { state: true },
    _adding: { state: true },
  };
  declare _rows: Row[] | undefined;
  declare _failure: unknown;
  declare _pairing: Join | undefined;
  declare _ask: Confirmation | undefined;
  /** Name of the machine that a token is made for. */
  declare _adding: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [base, buttons];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
    this.#timer = setInterval(() => void this.#load(), ASK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  async #load(): Promise<void> {
    if (document.hidden && this._rows) return;
    try {
      const [joins, heard] = await Promise.all([
        call('GET /api/v1/agents/joins', { query: {} }),
        call('GET /api/v1/agents/discovered', { query: {} }),
      ]);
      this._rows = rowsOf(joins.items, heard.items);
      this._failure = undefined;
    } catch (error) {
      this._failure = error;
    }
  }

  override render() {
    return html`${this.#body()}
      <reeve-pair-dialog .join=${this._pairing} @close=${this.#closed}></reeve-pair-dialog>
      <reeve-confirm .ask=${this._ask} @done=${this.#asked} @close=${this.#asked}></reeve-confirm>
      <reeve-add-host
        name=${this._adding ?? ''}
        ?open=${this._adding !== undefined}
        @close=${this.#added}
      ></reeve-add-host>`;
  }

  #body() {
    if (this._failure && !this._rows)
      return failureNotice(msg('The machines that are not in could not be read'), this._failure, {
        again: () => void this.#load(),
      });
    if (!this._rows) return html`<reeve-notice kind="loading" heading=${msg('Looking around')}></reeve-notice>`;
    return html`<reeve-table
      label=${msg('Discovered')}
      .columns=${this.#columns()}
      .rows=${this._rows}
      .keyOf=${({ id }: Row) => id}
      .words=${({ name, address }: Row) => `${name} ${address}`}
    >
      <reeve-notice kind="empty" heading=${msg('No machine asks to be let in')}>
        <p>${msg('Start the agent on a new machine without a token: it appears here by itself, or with --hub where multicast is blocked.')}</p>
      </reeve-notice>
    </reeve-table>`;
  }

  #columns(): Column<Row>[] {
    const offsetMs = live().fleet.now() - Date.now();
    return [
      { id: 'name', title: msg('Name'), isHeading: true, sortBy: ({ name }) => name, cell: ({ name }) => name },
      { id: 'state', title: msg('State'), sortBy: stateWord, cell: stateCell },
      { id: 'address', title: msg('Address'), sortBy: ({ address }) => address, cell: ({ address }) => address },
      { id: 'version', title: msg('Version'), cell: ({ version }) => version },
      {
        id: 'seen',
        title: msg('Since'),
        sortBy: ({ at }) => at,
        cell: ({ at }) => html`<reeve-time .at=${at} .offsetMs=${offsetMs}></reeve-time>`,
      },
      { id: 'actions', title: msg('Actions'), cell: (row) => this.#actions(row) },
    ];
  }

  #actions({ name, join }: Row) {
    if (!join) return html`<reeve-action @click=${() => this.#add(name)}>${msg('Pair with a token…')}</reeve-action>`;
    return html`<reeve-action @click=${() => this.#pair(join)}>${join.state === 'accepted' ? msg('Next step…') : msg('Pair…')}</reeve-action>
      <reeve-action @click=${() => this.#askRefuse(join)}>${msg('Refuse…')}</reeve-action>`;
  }

  #askRefuse(join: Join): void {
    this._ask = {
      heading: msg('Refuse {name}?', { name: join.name }),
      consequences: [
        msg('Its request ends. The agent asks again in a minute, with other digits, until it is stopped or paired.'),
      ],
      verb: msg('Refuse'),
      act: () => call('POST /api/v1/agents/joins/:joinRequestId/refuse', { params: { joinRequestId: join.id } }),
    };
  }

  #pair(join: Join): void {
    this._pairing = join;
  }

  #closed(): void {
    this._pairing = undefined;
    void this.#load();
  }

  #asked(): void {
    this._ask = undefined;
    void this.#load();
  }

  #add(name: string): void {
    this._adding = name;
  }

  #added(): void {
    this._adding = undefined;
    void this.#load();
  }
}
customElements.define('reeve-joining-agents', ReeveJoiningAgents);

/** Requests first; a machine that asks is not listed a second time because mDNS hears of it. */
export function rowsOf(joins: readonly Join[], heard: readonly Heard[]): Row[] {
  const asking = new Set(joins.map(({ address }) => address));
  return [
    ...joins.filter(({ state }) => state !== 'joined').map((join) => ({ ...join, at: join.askedAt, join })),
    ...heard
      .filter(({ address }) => !asking.has(address))
      .map((each) => ({ ...each, id: `${each.address} ${each.name}`, at: each.seenAt })),
  ];
}

function stateWord({ join }: Row): string {
  if (!join) return msg('not paired');
  return join.state === 'accepted' ? msg('unverified: confirm on the host') : msg('unverified: asks to join');
}

const stateCell = (row: Row) =>
  html`<reeve-state level=${row.join ? 'warning' : 'unknown'} word=${stateWord(row)}></reeve-state>`;

declare global {
  interface HTMLElementTagNameMap {
    'reeve-joining-agents': ReeveJoiningAgents;
  }
}
