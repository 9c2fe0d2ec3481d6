import { css, html, LitElement, nothing } from 'lit';
import type { Device, Subnet } from '../../protocol/network.ts';
import { msg, plural } from '../msg.ts';
import '../parts/notice.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import { byMaker, presenceLevel, presenceWord } from './words.ts';

/** `<reeve-network-map .devices=${devices} .subnets=${subnets}>`: each subnet with its devices by vendor, each a link with its state. */
export class ReeveNetworkMap extends LitElement {
  static override properties = { devices: { attribute: false }, subnets: { attribute: false } };
  declare devices: readonly Device[];
  declare subnets: readonly Subnet[];

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 24px;
      }
      section > h2 {
        margin-bottom: 8px;
      }
      .makers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr));
        gap: 12px;
      }
      .maker {
        padding: 12px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
        align-self: start;
        min-width: 0;
      }
      h3 {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        margin-bottom: 6px;
        font-size: 13px;
        overflow-wrap: anywhere;
      }
      ul {
        display: grid;
        gap: 2px;
      }
      li {
        display: flex;
        align-items: center;
        gap: 8px;
        min-width: 0;
      }
      li a {
        flex: 1 1 auto;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        color: inherit;
      }
      li .value {
        color: var(--reeve-muted);
        font-size: 12px;
      }
    `,
  ];

  constructor() {
    super();
    this.devices = [];
    this.subnets = [];
  }

  override render() {
    const places: { title: string; note: string; devices: Device[] }[] = this.subnets.map((subnet) => ({
      title: subnet.name ?? subnet.cidr,
      note: subnet.name === undefined ? '' : subnet.cidr,
      devices: this.devices.filter(({ subnetId }) => subnetId === subnet.id),
    }));
    const rest = this.devices.filter(({ subnetId }) => !this.subnets.some(({ id }) => id === subnetId));
    places.push({ title: msg('Never seen'), note: '', devices: rest });
    const shown = places.filter(({ devices }) => devices.length > 0);
    if (shown.length === 0)
      return html`<reeve-notice kind="empty" heading=${msg('Nothing to draw yet')}>
        <p>${msg('Sweep the network: its devices appear here by subnet and vendor.')}</p>
      </reeve-notice>`;
    return shown.map(({ title, note, devices }) => this.#subnet(title, note, devices));
  }

  #subnet(title: string, note: string, devices: readonly Device[]) {
    const count = plural(devices.length, { one: '{count} device', other: '{count} devices' });
    return html`<section>
      <h2>${title} <span class="quiet">${[note, count].filter(Boolean).join(' · ')}</span></h2>
      <div class="makers">
        ${byMaker(devices).map(
          (group) => html`<div class="maker">
            <h3><span>${group.maker}</span><span class="value">${group.devices.length}</span></h3>
            <ul>${group.devices.map((device) => this.#device(device))}</ul>
          </div>`,
        )}
      </div>
    </section>`;
  }

  #device(device: Device) {
    const { id, title, address, presence } = device;
    return html`<li>
      <reeve-state quiet level=${presenceLevel(device)} word=${presenceWord(presence)} title=${presenceWord(presence)}></reeve-state>
      <a href="/network/devices/${id}">${title}</a>${address === undefined ? nothing : html`<span class="value">${address}</span>`}
    </li>`;
  }
}
customElements.define('reeve-network-map', ReeveNetworkMap);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-network-map': ReeveNetworkMap;
  }
}
