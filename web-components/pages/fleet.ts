import { html, LitElement, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { hostCondition } from '../condition.ts';
import { fleetCost } from '../cost/fleet-cost.ts';
import '../fleet/add-host.ts';
import '../fleet/attention.ts';
import { chosenColumn, type FleetRow, fleetColumns } from '../fleet/columns.ts';
import '../fleet/discovered.ts';
import { countGroups, filterHosts, GROUPS, type Group, tagsOf, wordsOf } from '../fleet/filter.ts';
import '../fleet/host-card.ts';
import '../fleet/recent-alerts.ts';
import '../fleet/several.ts';
import { fleetStyles } from '../fleet/styles.ts';
import '../fleet/summary.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Hearing } from '../parts/hearing.ts';
import { icon } from '../parts/icons.ts';
import { failureNotice } from '../parts/notice.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { prefer, preferences } from '../preferences.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';

/** The fleet: what is wrong, and every host at a glance. Search, filters and view stand in the address. */
export class ReeveFleetPage extends LitElement {
  static override properties = { params: { attribute: false }, _adding: { state: true }, _chosen: { state: true } };
  declare params: Record<string, string>;
  /** Name for the new host while the dialog is open. */
  declare _adding: string | undefined;
  /** Ids of the hosts that are chosen in the table. */
  declare _chosen: ReadonlySet<string>;

  static override styles = [base, buttons, fields, fleetStyles];

  constructor() {
    super();
    this._chosen = new Set();
    new Follow(this, () => [live().fleet, live().alerts, fleetCost]);
    new Hearing(this, () => router.subscribe(() => this.requestUpdate()));
  }

  override render() {
    const { fleet, alerts } = live();
    if (!fleet.isLoaded) {
      if (fleet.failure)
        return failureNotice(msg('The fleet could not be read'), fleet.failure, {
          again: () => location.reload(),
          isPage: true,
        });
      return html`<reeve-notice page kind="loading" heading=${msg('Loading the fleet')}></reeve-notice>`;
    }
    const rows: FleetRow[] = fleet.hosts.map((host) => {
      const values = fleet.card(host.id);
      return { host, values, condition: hostCondition(host, values, alerts.known(host.id)) };
    });
    return html`<h1 class="for-readers">${msg('Fleet')}</h1>
      ${this.#head(rows)}
      <div class="columns">
        ${this.#aside(rows)}
        <div class="hosts">${rows.length === 0 ? this.#empty() : this.#hosts(rows)}</div>
      </div>
      ${may('admin') ? this.#addDialog() : nothing}`;
  }

  #head(rows: readonly FleetRow[]) {
    const { query } = router;
    return html`<div class="head">
      <reeve-summary
        .counts=${countGroups(rows)}
        chosen=${query.get('status') ?? ''}
        .cost=${fleetCost.value}
        @choose=${({ detail }: CustomEvent<{ id: string }>) => router.setQuery({ status: detail.id })}
      ></reeve-summary>
      <div class="tools">
        ${rows.length > 1 ? this.#filters(rows) : nothing}
        ${
          may('admin')
            ? html`<button type="button" class="primary" aria-label=${msg('Add host')} @click=${() => this.#add('')}>${icon('plus')}<span>${msg('Add host')}</span></button>`
            : nothing
        }
      </div>
    </div>`;
  }

  #filters(rows: readonly FleetRow[]) {
    const { query } = router;
    const tags = tagsOf(rows);
    const isTable = isTableChosen();
    return html`<input
        type="search"
        aria-label=${msg('Search hosts')}
        placeholder=${msg('Search hosts')}
        .value=${query.get('search') ?? ''}
        @input=${(event: InputEvent) => router.setQuery({ search: (event.target as HTMLInputElement).value })}
      />
      ${this.#select({ id: 'tag', label: msg('Tag'), all: msg('All tags'), words: tags })}
      ${GROUPS.map((group) => this.#select({ id: group, ...groupWords(group), words: wordsOf(rows, group) }))}
      <button
        type="button"
        aria-pressed=${isTable}
        title=${isTable ? msg('Show cards') : msg('Show a table')}
        aria-label=${msg('Table')}
        @click=${() => chooseView(isTable ? 'cards' : 'table')}
      >
        ${icon('table')}
      </button>`;
  }

  #select({ id, label, all, words }: { id: string; label: string; all: string; words: readonly string[] }) {
    const chosen = router.query.get(id) ?? '';
    if (words.length === 0 && chosen === '') return nothing;
    return html`<select
      aria-label=${label}
      @change=${(event: Event) => router.setQuery({ [id]: (event.target as HTMLSelectElement).value })}
    >
      <option value="">${all}</option>
      ${words.map((word) => html`<option value=${word} ?selected=${word === chosen}>${word}</option>`)}
    </select>`;
  }

  #aside(rows: readonly FleetRow[]) {
    const hasConcerns = rows.some(({ condition }) => condition.concerns.length > 0);
    return html`<aside aria-label=${msg('Needs attention')}>
      ${hasConcerns ? html`<reeve-attention .hosts=${rows}></reeve-attention>` : nothing}
      ${this.#recent()}
      ${may('admin') ? html`<reeve-discovered @add=${({ detail }: CustomEvent<{ name: string }>) => this.#add(detail.name)}></reeve-discovered>` : nothing}
    </aside>`;
  }

  #recent() {
    // What is active stands above already.
    const past = live().alerts.recent.filter(({ status }) => status === 'resolved');
    if (past.length === 0) return nothing;
    return html`<reeve-recent-alerts .alerts=${past}></reeve-recent-alerts>`;
  }

  #hosts(rows: readonly FleetRow[]) {
    const { query } = router;
    const filter = {
      search: query.get('search') ?? '',
      tag: query.get('tag') ?? '',
      status: query.get('status') ?? '',
      ...Object.fromEntries(GROUPS.map((group) => [group, query.get(group) ?? ''])),
    };
    const found = filterHosts(rows, filter) as readonly FleetRow[];
    if (found.length === 0) {
      return html`<reeve-notice kind="empty" heading=${msg('No host fits these filters')}>
        <reeve-action @click=${() => router.setQuery({ search: '', tag: '', status: '', role: '', location: '', rack: '' })}>${msg('Clear the filters')}</reeve-action>
      </reeve-notice>`;
    }
    return isTableChosen() ? this.#table(found) : this.#cards(found);
  }

  #cards(rows: readonly FleetRow[]) {
    const { fleet, connection } = live();
    const isStale = connection.state === 'stale';
    return html`<div class="grid">
      ${repeat(
        rows,
        ({ host }) => host.id,
        ({ host, values }) => html`<reeve-host-card
          .host=${host}
          .values=${values}
          .alerts=${live().alerts.known(host.id)}
          .trend=${fleet.trend(host.id)}
          .cost=${fleetCost.of(host.id)}
          currency=${fleetCost.value?.currency ?? 'EUR'}
          .now=${fleet.now()}
          ?stale=${isStale}
        ></reeve-host-card>`,
      )}
    </div>`;
  }

  #table(rows: readonly FleetRow[]) {
    const columns = fleetColumns(live().fleet.now());
    const chosen = rows.map(({ host }) => host).filter(({ id }) => this._chosen.has(id));
    const choose = (ids: ReadonlySet<string>): void => {
      this._chosen = ids;
    };
    return html`<reeve-several .hosts=${chosen} @clear=${() => choose(new Set())}></reeve-several>
    <reeve-table
      label=${msg('Hosts')}
      order=${preferences().fleetSort ?? ''}
      @order=${({ detail }: CustomEvent<{ order: string }>) => prefer({ fleetSort: detail.order })}
      .columns=${may('admin') ? [chosenColumn(rows, this._chosen, choose), ...columns] : columns}
      .rows=${rows}
      .keyOf=${({ host }: FleetRow) => host.id}
    ></reeve-table>`;
  }

  #empty() {
    return html`<reeve-notice kind="empty" heading=${msg('No hosts yet')}>
      <p>${msg('Add the first one: Reeve makes a command for it, and the host appears here by itself.')}</p>
      ${may('admin') ? html`<reeve-action @click=${() => this.#add('')}>${msg('Add host')}</reeve-action>` : nothing}
    </reeve-notice>`;
  }

  #addDialog() {
    return html`<reeve-add-host
      ?open=${this._adding !== undefined}
      name=${this._adding ?? ''}
      @close=${() => this.#add(undefined)}
    ></reeve-add-host>`;
  }

  #add(name: string | undefined): void {
    this._adding = name;
  }
}
const groupWords = (group: Group): { label: string; all: string } =>
  ({
    role: { label: msg('Role'), all: msg('All roles') },
    location: { label: msg('Location'), all: msg('All locations') },
    rack: { label: msg('Rack'), all: msg('All racks') },
  })[group];

customElements.define('reeve-fleet-page', ReeveFleetPage);

/** The address decides; where it says nothing, what the person chose last. */
const isTableChosen = (): boolean => (router.query.get('view') ?? preferences().fleetView) === 'table';

function chooseView(view: 'cards' | 'table'): void {
  prefer({ fleetView: view });
  router.setQuery({ view });
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-fleet-page': ReeveFleetPage;
  }
}
