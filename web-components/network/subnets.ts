import { html, LitElement, nothing } from 'lit';
import type { Subnet } from '../../protocol/network.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/notice.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { tried } from '../parts/tried.ts';
import { call, type RequestOf } from '../rest.ts';
import { may } from '../session.ts';
import { addressOrder, everyText, lastText } from './words.ts';

type Change = RequestOf<'PATCH /api/v1/network/subnets/:subnetId'>['body'];
type Added = RequestOf<'POST /api/v1/network/subnets'>['body'];

/** `<reeve-subnets .subnets=${subnets}>`: which networks are swept and how; add, change, remove, sweep one. Event `change`. */
export class ReeveSubnets extends LitElement {
  static override properties = { subnets: { attribute: false } };
  declare subnets: readonly Subnet[];
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons];

  constructor() {
    super();
    this.subnets = [];
  }

  readonly #changed = (): void => void this.dispatchEvent(new CustomEvent('change'));

  /** Opens the form for another network. */
  add(): void {
    this.#dialogs.fill({
      heading: msg('Add a subnet'),
      lead: msg(
        'A private network that the appliance may sweep. Behind a router there are no MACs: devices are found by TCP.',
      ),
      form: 'add-subnet',
      value: { isEnabled: true, everyMinutes: 15, packetsPerSecond: 1000, tellNew: true, tellRandomised: false },
      verb: msg('Add'),
      send: async (values) => {
        await call('POST /api/v1/network/subnets', { body: withoutEmpty(values) as Added });
        this.#changed();
      },
    });
  }

  override render() {
    return html`<reeve-table
        label=${msg('Subnets')}
        .columns=${this.#columns()}
        .rows=${this.subnets}
        .keyOf=${({ id }: Subnet) => id}
      >
        <reeve-notice kind="empty" heading=${msg('No subnet yet')}>
          <p>${msg('Those that the appliance is in appear by themselves. An admin can add others.')}</p>
        </reeve-notice>
      </reeve-table>
      ${this.#dialogs.render()}`;
  }

  #columns(): Column<Subnet>[] {
    return [
      {
        id: 'subnet',
        title: msg('Subnet'),
        isHeading: true,
        sortBy: ({ cidr }) => addressOrder(cidr.replace(/\/.*/, '')),
        cell: ({ cidr, name }) =>
          html`<span>${name === undefined ? nothing : html`${name} · `}<span class="value">${cidr}</span></span>`,
      },
      {
        id: 'reach',
        title: msg('Reached'),
        cell: ({ interface: name, origin }) =>
          name ?? (origin === 'own' ? msg('not connected') : msg('through a router')),
      },
      { id: 'every', title: msg('Swept'), cell: everyText },
      {
        id: 'here',
        title: msg('Here'),
        align: 'end',
        sortBy: ({ counts }) => -counts.here,
        cell: ({ counts }) => String(counts.here),
      },
      {
        id: 'last',
        title: msg('Last sweep'),
        cell: (subnet) =>
          html`<span>${subnet.last ? html`<reeve-time .at=${subnet.last.endedAt}></reeve-time>${subnet.last.isComplete ? nothing : html` <reeve-state level="warning" word=${msg('not complete')}></reeve-state>`}<br />` : nothing}<span class="quiet">${subnet.trouble ?? lastText(subnet)}</span></span>`,
      },
      { id: 'actions', title: msg('Actions'), cell: (subnet) => this.#actions(subnet) },
    ];
  }

  #actions(subnet: Subnet) {
    const { id, origin, interface: name, trouble } = subnet;
    return html`<span class="several">${may('operator') && trouble === undefined ? html`<reeve-action @click=${() => void this.#sweep(id)}>${msg('Sweep')}</reeve-action>` : nothing}
    ${may('admin') ? html`<reeve-action @click=${() => this.#edit(subnet)}>${msg('Edit…')}</reeve-action>` : nothing}
    ${may('admin') && (origin === 'added' || name === undefined) ? html`<reeve-action @click=${() => this.#askRemove(subnet)}>${msg('Remove…')}</reeve-action>` : nothing}</span>`;
  }

  async #sweep(subnetId: string): Promise<void> {
    await tried(() => call('POST /api/v1/network/sweeps', { body: { subnetIds: [subnetId] } }));
    this.#changed();
  }

  #edit({ id, rev, cidr, ...fields }: Subnet): void {
    const { name = '', isEnabled, everyMinutes, packetsPerSecond, tellNew, tellRandomised } = fields;
    this.#dialogs.fill({
      heading: msg('How {cidr} is swept', { cidr }),
      form: 'change-subnet',
      value: { name, isEnabled, everyMinutes, packetsPerSecond, tellNew, tellRandomised },
      given: { rev },
      verb: msg('Save'),
      send: async (values) => {
        const body = withoutEmpty(values) as Change;
        await call('PATCH /api/v1/network/subnets/:subnetId', { params: { subnetId: id }, body });
        this.#changed();
      },
    });
  }

  #askRemove({ id, cidr, counts }: Subnet): void {
    const devices = counts.here + counts.unsure + counts.sleeping + counts.gone;
    this.#dialogs.confirm({
      heading: msg('Remove {cidr}?', { cidr }),
      consequences: [
        msg('It is not swept any more.'),
        msg('{count} devices that were seen there are forgotten, with their names and history.', { count: devices }),
      ],
      verb: msg('Remove'),
      act: async () => {
        await call('DELETE /api/v1/network/subnets/:subnetId', { params: { subnetId: id } });
        this.#changed();
      },
    });
  }
}
customElements.define('reeve-subnets', ReeveSubnets);

/** A text that was left empty is not sent. */
const withoutEmpty = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '' && value !== undefined));

declare global {
  interface HTMLElementTagNameMap {
    'reeve-subnets': ReeveSubnets;
  }
}
