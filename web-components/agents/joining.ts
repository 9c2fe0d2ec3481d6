import { html, LitElement } from 'lit';
import '../fleet/add-host.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Reading } from '../parts/reading.ts';
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
    _pairing: { state: true },
    _adding: { state: true },
  };
  declare _pairing: Join | undefined;
  /** Name of the machine that a token is made for. */
  declare _adding: string | undefined;
  readonly #rows = new Reading(this, readRows, { everyMs: ASK_MS });
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons];

  override render() {
    const words = { failed: msg('The machines that are not in could not be read'), loading: msg('Looking around') };
    return html`${this.#rows.view(words, (rows) => this.#table(rows))}
      <reeve-pair-dialog .join=${this._pairing} @close=${this.#closed}></reeve-pair-dialog>
      ${this.#dialogs.render()}
      <reeve-add-host
        name=${this._adding ?? ''}
        ?open=${this._adding !== undefined}
        @close=${this.#added}
      ></reeve-add-host>`;
  }

  #table(rows: readonly Row[]) {
    return html`<reeve-table
      label=${msg('Discovered')}
      .columns=${this.#columns()}
      .rows=${rows}
      .keyOf=${({ id }: Row) => id}
      .words=${({ name, address }: Row) => `${name} ${address}`}
    >
      <reeve-notice kind="empty" heading=${msg('No machine asks to be let in')}>
        <p>${msg('Start the agent on a new machine without a token: it appears here by itself, or with --hub where multicast is blocked.')}</p>
      </reeve-notice>
    </reeve-table>`;
  }

  #columns(): Column<Row>[] {
    return [
      { id: 'name', title: msg('Name'), isHeading: true, sortBy: ({ name }) => name, cell: ({ name }) => name },
      { id: 'state', title: msg('State'), sortBy: stateWord, cell: stateCell },
      { id: 'address', title: msg('Address'), sortBy: ({ address }) => address, cell: ({ address }) => address },
      { id: 'version', title: msg('Version'), cell: ({ version }) => version },
      {
        id: 'seen',
        title: msg('Since'),
        sortBy: ({ at }) => at,
        cell: ({ at }) => html`<reeve-time .at=${at}></reeve-time>`,
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
    this.#dialogs.confirm({
      heading: msg('Refuse {name}?', { name: join.name }),
      consequences: [
        msg('Its request ends. The agent asks again in a minute, with other digits, until it is stopped or paired.'),
      ],
      verb: msg('Refuse'),
      act: async () => {
        await call('POST /api/v1/agents/joins/:joinRequestId/refuse', { params: { joinRequestId: join.id } });
        await this.#rows.load();
      },
    });
  }

  #pair(join: Join): void {
    this._pairing = join;
  }

  #closed(): void {
    this._pairing = undefined;
    void this.#rows.load();
  }

  #add(name: string): void {
    this._adding = name;
  }

  #added(): void {
    this._adding = undefined;
    void this.#rows.load();
  }
}
customElements.define('reeve-joining-agents', ReeveJoiningAgents);

/** Requests first; a machine that asks is not listed a second time because mDNS hears of it. */
export async function readRows(): Promise<Row[]> {
  const [joins, heard] = await Promise.all([
    call('GET /api/v1/agents/joins', { query: {} }),
    call('GET /api/v1/agents/discovered', { query: {} }),
  ]);
  return rowsOf(joins.items, heard.items);
}

function rowsOf(joins: readonly Join[], heard: readonly Heard[]): Row[] {
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
