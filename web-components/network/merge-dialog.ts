import { html, LitElement, nothing } from 'lit';
import type { Device } from '../../protocol/network.ts';
import { msg } from '../msg.ts';
import { allOf } from '../paging.ts';
import '../parts/dialog.ts';
import { dialogBody } from '../parts/layouts.ts';
import { failureNotice } from '../parts/notice.ts';
import { Sending } from '../parts/sending.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call } from '../rest.ts';

/** `<reeve-merge-dialog .device=${device}>`: says which other device is this one with another network card. Events `done`, `close`. */
export class ReeveMergeDialog extends LitElement {
  static override properties = {
    device: { attribute: false },
    _others: { state: true },
    _other: { state: true },
    _unread: { state: true },
  };
  declare device: Device | undefined;
  declare _others: readonly Device[];
  declare _other: string;
  declare _unread: unknown;
  readonly #sending = new Sending(this);

  static override styles = [base, buttons, fields, dialogBody];

  constructor() {
    super();
    this._others = [];
    this._other = '';
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('device')) return;
    this._other = '';
    this.#sending.clear();
    if (this.device) void this.#load();
  }

  async #load(): Promise<void> {
    this._unread = undefined;
    try {
      const all = await allOf('GET /api/v1/network/devices');
      this._others = all.filter(({ id }) => id !== this.device?.id).sort((a, b) => (a.title < b.title ? -1 : 1));
    } catch (error) {
      this._unread = error;
    }
  }

  async #merge(): Promise<void> {
    const deviceId = this.device?.id ?? '';
    const went = await this.#sending.run(() =>
      call('POST /api/v1/network/devices/:deviceId/merge', {
        params: { deviceId },
        body: { otherDeviceId: this._other },
      }),
    );
    if (went) this.dispatchEvent(new CustomEvent('done'));
  }

  readonly #close = (): void => void this.dispatchEvent(new CustomEvent('close'));

  override render() {
    const { device } = this;
    if (!device) return nothing;
    return html`<reeve-dialog heading=${msg('{title} is also…', { title: device.title })} open @close=${this.#close}>
      <div class="body">
        <p class="quiet">${msg('One machine with two network cards, such as cable and Wi-Fi, is one device. It can be taken apart again.')}</p>
        ${
          this._unread === undefined
            ? html`<label
                >${msg('The other device')}
                <select @change=${(event: Event) => {
                  this._other = (event.target as HTMLSelectElement).value;
                }}>
                  <option value="">${msg('Choose one')}</option>
                  ${this._others.map(({ id, title, address, macs }) => html`<option value=${id}>${[title, address, macs[0]?.mac].filter(Boolean).join(' · ')}</option>`)}
                </select>
              </label>`
            : failureNotice(msg('The devices could not be read'), this._unread, { again: () => void this.#load() })
        }
        ${this.#sending.failure ? html`<p class="failure" role="alert">${this.#sending.failure}</p>` : nothing}
      </div>
      <div slot="actions">
        <button type="button" @click=${this.#close}>${msg('Cancel')}</button>
        <button type="button" class="primary" ?disabled=${this._other === '' || this.#sending.isBusy} @click=${() => void this.#merge()}>${msg('Make them one')}</button>
      </div>
    </reeve-dialog>`;
  }
}
customElements.define('reeve-merge-dialog', ReeveMergeDialog);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-merge-dialog': ReeveMergeDialog;
  }
}
