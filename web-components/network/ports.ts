import { css, html, LitElement, nothing } from 'lit';
import type { DeviceDetail, OpenPort } from '../../protocol/network.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { call, problemText } from '../rest.ts';
import { may } from '../session.ts';
import { relativeTime } from '../times.ts';

const SOON_MS = 14 * 86_400_000;

/** `<reeve-device-ports .device=${device}>`: the TCP ports that were open at the last look, and the button that looks. Event `change`. */
export class ReeveDevicePorts extends LitElement {
  static override properties = { device: { attribute: false }, _isBusy: { state: true }, _failure: { state: true } };
  declare device: DeviceDetail | undefined;
  declare _isBusy: boolean;
  declare _failure: string;

  static override styles = [
    base,
    buttons,
    css`
      h2 {
        color: var(--reeve-muted);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
      }
      ul {
        display: grid;
        gap: 6px;
        margin-top: 8px;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        align-items: baseline;
        overflow-wrap: anywhere;
      }
      li b {
        min-width: 52px;
      }
      .failure {
        color: var(--reeve-critical);
      }
    `,
  ];

  constructor() {
    super();
    this._isBusy = false;
    this._failure = '';
  }

  async #look(deviceId: string): Promise<void> {
    this._isBusy = true;
    this._failure = '';
    try {
      await call('POST /api/v1/network/devices/:deviceId/ports', { params: { deviceId }, body: {} });
      this.dispatchEvent(new CustomEvent('change'));
    } catch (error) {
      this._failure = problemText(error);
    } finally {
      this._isBusy = false;
    }
  }

  override render() {
    const { device } = this;
    if (!device) return nothing;
    const { ports } = device;
    return html`<div class="head">
        <h2>${msg('Open ports')}</h2>
        ${may('operator') ? html`<button type="button" ?disabled=${this._isBusy} @click=${() => void this.#look(device.id)}>${this._isBusy ? msg('Looking…') : msg('Look now')}</button>` : nothing}
      </div>
      ${this._failure ? html`<p class="failure" role="alert">${this._failure}</p>` : nothing}
      ${
        ports === undefined
          ? html`<p class="quiet">${msg('Nobody has looked yet. The usual TCP ports are tried once; nothing is sent on them.')}</p>`
          : html`<p class="quiet">${msg('{open} of {asked} ports that were tried are open,', { open: ports.open.length, asked: ports.asked })} <reeve-time .at=${ports.at}></reeve-time></p>
            <ul>${ports.open.map((port) => portLine(port))}</ul>`
      }`;
  }
}
customElements.define('reeve-device-ports', ReeveDevicePorts);

function portLine({ port, service, certificate }: OpenPort) {
  return html`<li><b class="value">${port}</b> <span>${service ?? msg('unknown')}</span>${
    certificate === undefined ? nothing : html`<span>${certificateText(certificate)}</span>`
  }</li>`;
}

function certificateText({ subject, notAfter }: NonNullable<OpenPort['certificate']>) {
  const now = live().fleet.now();
  const text = msg('certificate {subject}, ends {when}', {
    subject: subject || msg('without a name'),
    when: relativeTime(notAfter, now),
  });
  if (notAfter <= now) return html`<reeve-state level="high" word=${text}></reeve-state>`;
  return notAfter - now < SOON_MS
    ? html`<reeve-state level="warning" word=${text}></reeve-state>`
    : html`<span class="quiet">${text}</span>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-device-ports': ReeveDevicePorts;
  }
}
