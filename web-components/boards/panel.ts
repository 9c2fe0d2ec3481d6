import { css, html, LitElement, nothing } from 'lit';
import type { Panel } from '../../protocol/boards.ts';
import { hostCondition } from '../condition.ts';
import '../fleet/attention.ts';
import { type FleetRow, fleetColumns } from '../fleet/columns.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import './hosts-chart.ts';
import './tiles.ts';

const LISTED = ['name', 'state', 'cpu', 'memory', 'disk'];

/** What stands above a panel: what the person wrote, or what it shows. */
export function panelTitle(panel: Panel): string {
  if (panel.title !== undefined) return panel.title;
  if (panel.kind === 'chart') {
    const metric = live().descriptors.get(panel.metric)?.title ?? panel.metric;
    // Lines of several hosts bear their names; a single one does not.
    const [only] = panel.hosts.length === 1 ? panel.hosts : [];
    const name = only === undefined ? undefined : live().fleet.get(only)?.name;
    return name === undefined ? metric : `${metric} · ${name}`;
  }
  return panel.kind === 'list' && panel.of === 'concerns' ? msg('Needs attention') : msg('Hosts');
}

/** `<reeve-panel .panel=${panel} name="p1-">`: one panel of a board, live. `name` keeps the order of its table apart from others in the address. */
export class ReevePanel extends LitElement {
  static override properties = { panel: { attribute: false }, name: { type: String } };
  declare panel: Panel | undefined;
  declare name: string;

  static override styles = [
    base,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      h2 {
        margin-bottom: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.name = '';
    new Follow(this, () => [live().fleet, live().descriptors]);
  }

  /** The hosts that the panel names and the person may see; every one where it names none. */
  #rows({ hosts }: Panel): FleetRow[] {
    const { fleet } = live();
    return fleet.hosts
      .filter(({ id }) => hosts.length === 0 || hosts.includes(id))
      .map((host) => {
        const values = fleet.card(host.id);
        return { host, values, condition: hostCondition(host, values, live().alerts.known(host.id)) };
      });
  }

  override render() {
    const { panel } = this;
    if (!panel) return nothing;
    const title = panelTitle(panel);
    if (panel.kind === 'list' && panel.of === 'concerns') return this.#concerns(panel, title);
    return html`<h2>${title}</h2>
      ${panel.kind === 'chart' ? this.#chart(panel, title) : panel.kind === 'status' ? html`<reeve-tiles .hosts=${this.#rows(panel)}></reeve-tiles>` : this.#table(panel, title)}`;
  }

  #chart({ hosts, metric, range }: Panel & { kind: 'chart' }, title: string) {
    return html`<reeve-hosts-chart heading=${title} .hosts=${hosts} metric=${metric} range=${range}></reeve-hosts-chart>`;
  }

  #concerns(panel: Panel, title: string) {
    const rows = this.#rows(panel);
    if (rows.every(({ condition }) => condition.concerns.length === 0))
      return html`<h2>${title}</h2><p><reeve-state level="ok" word=${msg('Nothing needs attention')}></reeve-state></p>`;
    return html`<reeve-attention heading=${title} .hosts=${rows}></reeve-attention>`;
  }

  #table(panel: Panel, title: string) {
    const columns = fleetColumns(live().fleet.now()).filter(({ id }) => LISTED.includes(id));
    return html`<reeve-table
      label=${title}
      name=${this.name}
      .columns=${columns}
      .rows=${this.#rows(panel)}
      .keyOf=${({ host }: FleetRow) => host.id}
    ></reeve-table>`;
  }
}
customElements.define('reeve-panel', ReevePanel);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-panel': ReevePanel;
  }
}
