import { css, html, LitElement, nothing } from 'lit';
import type { Device, Presence, Subnet } from '../../protocol/network.ts';
import { NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/state-icon.ts';
import type { Column } from '../parts/table-rows.ts';
import '../parts/time.ts';
import { router } from '../router.ts';
import { addressOrder, makerOf, presenceLevel, presenceWord, standingWord } from './words.ts';

const SHOWN: readonly Presence[] = ['here', 'unsure', 'sleeping', 'gone'];

/** `<reeve-devices .devices=${devices} .subnets=${subnets}>`: the table of devices with a filter by presence, in the address as `presence`. */
export class ReeveDevices extends LitElement {
  static override properties = { devices: { attribute: false }, subnets: { attribute: false } };
  declare devices: readonly Device[];
  declare subnets: readonly Subnet[];
  #stop: (() => void) | undefined;

  static override styles = [
    base,
    buttons,
    css`
      .filters {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-bottom: 8px;
      }
      .filters b {
        font: 600 14px/20px var(--reeve-mono);
      }
      small {
        color: var(--reeve-muted);
      }
    `,
  ];

  constructor() {
    super();
    this.devices = [];
    this.subnets = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = router.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render() {
    const chosen = router.query.get('presence') ?? '';
    const rows = this.devices.filter(({ presence, standing }) =>
      chosen === 'ignored' ? standing === 'ignored' : chosen === '' || presence === chosen,
    );
    return html`${this.devices.length === 0 ? nothing : this.#filters(chosen)}
      <reeve-table
        label=${msg('Devices')}
        order="address"
        .columns=${this.#columns()}
        .rows=${rows}
        .keyOf=${({ id }: Device) => id}
        .words=${(device: Device) => [device.title, device.address, makerOf(device), ...device.macs.map(({ mac }) => mac), ...device.names.map(({ name }) => name)].join(' ')}
      >
        ${
          this.devices.length === 0
            ? html`<slot></slot>`
            : html`<p class="quiet">${msg('No device is in this state.')}</p>`
        }
      </reeve-table>`;
  }

  #filters(chosen: string) {
    const button = (id: string, word: string, count: number) => html`<button
      type="button"
      class="bare"
      aria-pressed=${String(chosen === id)}
      @click=${() => router.setQuery({ presence: chosen === id ? '' : id })}
    >
      <b>${count}</b> ${word}
    </button>`;
    const count = (presence: Presence) => this.devices.filter((each) => each.presence === presence).length;
    const ignored = this.devices.filter(({ standing }) => standing === 'ignored').length;
    return html`<div class="filters" role="group" aria-label=${msg('Filter by presence')}>
      ${SHOWN.map((presence) => button(presence, presenceWord(presence), count(presence)))}
      ${ignored > 0 ? button('ignored', standingWord('ignored'), ignored) : nothing}
    </div>`;
  }

  #columns(): Column<Device>[] {
    const subnetOf = ({ subnetId }: Device) => this.subnets.find(({ id }) => id === subnetId);
    return [
      {
        id: 'device',
        title: msg('Device'),
        isHeading: true,
        sortBy: ({ title }) => title.toLowerCase(),
        cell: (device) => html`<a href="/network/devices/${device.id}">${device.title}</a>`,
      },
      {
        id: 'state',
        title: msg('State'),
        sortBy: ({ presence }) => SHOWN.indexOf(presence),
        cell: (device) =>
          html`<reeve-state title=${device.presenceText} level=${presenceLevel(device)} word=${presenceWord(device.presence)}></reeve-state>`,
      },
      {
        id: 'address',
        title: msg('Address'),
        sortBy: ({ address }) => addressOrder(address),
        cell: (device) =>
          html`<span class="several"><span class="value">${device.address ?? NOTHING}</span>${device.conflict === undefined ? nothing : html`<reeve-state level="high" title=${device.conflict} word=${msg('twice')}></reeve-state>`}</span>`,
      },
      { id: 'maker', title: msg('Vendor'), sortBy: makerOf, cell: makerOf },
      {
        id: 'mac',
        title: msg('MAC'),
        sortBy: ({ macs }) => macs[0]?.mac,
        cell: ({ macs }) =>
          html`<span class="value">${macs[0]?.mac ?? NOTHING}</span>${macs.length > 1 ? html` <small>+${macs.length - 1}</small>` : nothing}`,
      },
      {
        id: 'subnet',
        title: msg('Subnet'),
        sortBy: (device) => subnetOf(device)?.cidr,
        cell: (device) => subnetOf(device)?.name ?? subnetOf(device)?.cidr ?? NOTHING,
      },
      {
        id: 'seen',
        title: msg('Last seen'),
        sortBy: ({ lastSeenAt }) => (lastSeenAt === undefined ? undefined : -lastSeenAt),
        cell: ({ lastSeenAt }) =>
          lastSeenAt === undefined
            ? html`<span class="quiet">${msg('Never')}</span>`
            : html`<reeve-time .at=${lastSeenAt}></reeve-time>`,
      },
      {
        id: 'standing',
        title: msg('Standing'),
        sortBy: ({ standing }) => standing,
        cell: ({ standing }) =>
          standing === 'new'
            ? html`<reeve-state level="low" word=${standingWord(standing)}></reeve-state>`
            : html`<span class="quiet">${standingWord(standing)}</span>`,
      },
    ];
  }
}
customElements.define('reeve-devices', ReeveDevices);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-devices': ReeveDevices;
  }
}
