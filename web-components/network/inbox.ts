import { css, html, LitElement, nothing } from 'lit';
import type { Device } from '../../protocol/network.ts';
import { msg, plural } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/notice.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';
import { askName, setStanding } from './deeds.ts';
import { makerOf } from './words.ts';

/** `<reeve-device-inbox .devices=${devices}>`: devices that nobody has judged yet: trust, name or ignore each, or trust all. Event `change`. */
export class ReeveDeviceInbox extends LitElement {
  static override properties = { devices: { attribute: false } };
  declare devices: readonly Device[];
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    css`
      .all {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        margin-bottom: 12px;
      }
      ul {
        display: grid;
        gap: 8px;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        padding: 10px 12px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
      }
      li {
        min-width: 0;
      }
      .who .value {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      .who {
        flex: 1 1 200px;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .acts {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
    `,
  ];

  constructor() {
    super();
    this.devices = [];
  }

  readonly #changed = (): void => void this.dispatchEvent(new CustomEvent('change'));

  #askAll(waiting: readonly Device[]): void {
    this.#dialogs.confirm({
      heading: msg('Trust all of them?'),
      consequences: [
        plural(waiting.length, {
          one: '{count} device leaves the inbox; alerts about it end.',
          other: '{count} devices leave the inbox; alerts about them end.',
        }),
        msg('Whoever comes after that is new again.'),
      ],
      verb: msg('Trust all'),
      act: async () => {
        await call('POST /api/v1/network/devices/trust', { body: { deviceIds: waiting.map(({ id }) => id) } });
        this.#changed();
      },
    });
  }

  override render() {
    const waiting = this.devices.filter(({ standing }) => standing === 'new').reverse();
    if (waiting.length === 0)
      return html`<reeve-notice kind="empty" heading=${msg('No new devices')}>
        <p>${msg('A device that was never seen before appears here after the sweep that finds it.')}</p>
      </reeve-notice>`;
    return html`<div class="all">
        <p class="quiet">${msg('Seen on the LAN, and nobody has said yet whether they belong here. Names are what devices say of themselves.')}</p>
        ${may('operator') ? html`<button type="button" @click=${() => this.#askAll(waiting)}>${msg('Trust all…')}</button>` : nothing}
      </div>
      <ul>${waiting.map((device) => this.#item(device))}</ul>
      ${this.#dialogs.render()}`;
  }

  #item(device: Device) {
    const says = [device.address, device.macs[0]?.mac, makerOf(device), ...device.services.slice(0, 3)];
    return html`<li>
      <div class="who">
        <a href="/network/devices/${device.id}"><b>${device.title}</b></a>
        <p class="quiet"><span class="value">${says.filter(Boolean).join(' · ')}</span></p>
        <p class="quiet">${msg('first seen')} <reeve-time .at=${device.firstSeenAt}></reeve-time></p>
      </div>
      ${
        may('operator')
          ? html`<div class="acts">
            <button type="button" class="primary" @click=${() => askName(this.#dialogs, device, this.#changed)}>${msg('Name…')}</button>
            <button type="button" @click=${() => void setStanding(device, 'trusted', this.#changed)}>${msg('Trust')}</button>
            <button type="button" @click=${() => void setStanding(device, 'ignored', this.#changed)}>${msg('Ignore')}</button>
          </div>`
          : nothing
      }
    </li>`;
  }
}
customElements.define('reeve-device-inbox', ReeveDeviceInbox);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-device-inbox': ReeveDeviceInbox;
  }
}
