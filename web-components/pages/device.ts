import { html, LitElement, nothing } from 'lit';
import type { DeviceDetail } from '../../protocol/network.ts';
import '../fleet/add-host.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { askName, changeDevice, only, setStanding } from '../network/deeds.ts';
import { aboutPart, addressesPart, mergedPart, toldText } from '../network/device-parts.ts';
import { devicePageStyles } from '../network/device-styles.ts';
import '../network/history.ts';
import '../network/install-dialog.ts';
import '../network/merge-dialog.ts';
import '../network/ports.ts';
import { makerOf, presenceLevel, presenceWord, standingWord } from '../network/words.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import { twoColumns } from '../parts/layouts.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { ApiProblem, call } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { setTitle } from './page.ts';

const LOOK_MS = 15_000;
type Change = Parameters<typeof changeDevice>[1];

/** One device: what it is, where it was and when, its ports, and what can be done with it. */
export class ReeveDevicePage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _isMerging: { state: true },
    _installing: { state: true },
  };
  declare params: Record<string, string>;
  declare _isMerging: boolean;
  /** How an agent is being installed: over SSH, or by a person with a command. */
  declare _installing: 'no' | 'ssh' | 'hand';
  readonly #device = new Reading<DeviceDetail | 'gone'>(this, () => this.#read(), { everyMs: LOOK_MS });
  readonly #dialogs = new Dialogs(this);

  static override styles = [base, buttons, twoColumns, devicePageStyles];

  constructor() {
    super();
    this.params = {};
    this._isMerging = false;
    this._installing = 'no';
    new Follow(this, () => [live().fleet]);
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('params') as Record<string, string> | undefined;
    if (before?.deviceId === undefined || before.deviceId === this.params.deviceId) return;
    this.#device.value = undefined;
    void this.#device.load();
  }

  async #read(): Promise<DeviceDetail | 'gone'> {
    const deviceId = this.params.deviceId ?? '';
    return call('GET /api/v1/network/devices/:deviceId', { params: { deviceId } }).catch((error: unknown) => {
      if (error instanceof ApiProblem && (error.code === 'not-found' || error.code === 'invalid-request'))
        return 'gone';
      throw error;
    });
  }

  readonly #changed = (): void => void this.#device.load();

  override render() {
    const words = { failed: msg('The device could not be read'), loading: msg('Loading the device'), isPage: true };
    return html`${this.#device.view(words, (device) => (device === 'gone' ? gone() : this.#page(device)))}
      ${this.#dialogs.render()}`;
  }

  #page(device: DeviceDetail) {
    setTitle(device.title);
    return html`<a class="back" href="/network">${icon('back')}${msg('Network')}</a>
      ${this.#head(device)}
      <div class="columns">
        <div class="main">
          <section>
            <h2>${msg('When it was here')}</h2>
            <reeve-device-history .spans=${device.spans} .now=${live().fleet.now()}></reeve-device-history>
          </section>
          <section><reeve-device-ports .device=${device} @change=${this.#changed}></reeve-device-ports></section>
          ${addressesPart(device)}
        </div>
        <div class="side">${aboutPart(device)} ${this.#told(device)} ${mergedPart(device, (id) => void this.#split(device.id, id))}</div>
      </div>
      <reeve-merge-dialog
        .device=${this._isMerging ? device : undefined}
        @done=${this.#mergeDone}
        @close=${this.#mergeClosed}
      ></reeve-merge-dialog>
      ${this.#installing(device)}`;
  }

  #installing(device: DeviceDetail) {
    const set = (how: 'no' | 'hand') => () => {
      this._installing = how;
    };
    if (this._installing === 'ssh')
      return html`<reeve-install-agent .device=${device} @close=${set('no')} @by-hand=${set('hand')}></reeve-install-agent>`;
    return html`<reeve-add-host name=${device.title} ?open=${this._installing === 'hand'} @close=${set('no')}></reeve-add-host>`;
  }

  readonly #mergeClosed = (): void => {
    this._isMerging = false;
  };

  readonly #mergeDone = (): void => {
    this._isMerging = false;
    this.#changed();
  };

  #head(device: DeviceDetail) {
    const { standing, presence, presenceText, lastSeenAt, conflict } = device;
    return html`<header>
      <div class="who">
        <h1>${device.title}</h1>
        <p class="quiet">
          <reeve-state level=${presenceLevel(device)} word=${presenceWord(presence)} title=${presenceText}></reeve-state> ·
          ${standingWord(standing)} · ${makerOf(device)}${lastSeenAt === undefined ? nothing : html` · ${msg('seen')} <reeve-time .at=${lastSeenAt}></reeve-time>`}
        </p>
        ${conflict === undefined ? nothing : html`<p><reeve-state level="high" word=${msg('{other} has its address too', { other: conflict })}></reeve-state></p>`}
      </div>
      ${may('operator') ? this.#buttons(device) : nothing}
    </header>`;
  }

  #buttons(device: DeviceDetail) {
    const { standing, canWake, presence, address, hostId } = device;
    return html`<div class="buttons">
      <button type="button" class=${standing === 'new' ? 'primary' : ''} @click=${() => askName(this.#dialogs, device, this.#changed)}>${msg('Name…')}</button>
      ${standing === 'trusted' ? nothing : html`<button type="button" @click=${() => void setStanding(device, 'trusted', this.#changed)}>${msg('Trust')}</button>`}
      ${standing === 'ignored' ? nothing : html`<button type="button" @click=${() => void setStanding(device, 'ignored', this.#changed)}>${msg('Ignore')}</button>`}
      ${canWake && presence !== 'here' ? html`<button type="button" @click=${() => void this.#wake(device.id)}>${msg('Wake')}</button>` : nothing}
      ${address === undefined ? nothing : html`<a class="button" href="/audits?host=${address}">${msg('Audit by SSH')}</a>`}
      ${hostId === undefined ? this.#installButton(address) : html`<a class="button" href="/hosts/${hostId}">${msg('Open its host')}</a>`}
      <button type="button" @click=${() => this.#startMerge()}>${msg('Is also…')}</button>
      <button type="button" @click=${() => this.#askForget(device)}>${msg('Forget…')}</button>
    </div>`;
  }

  /** Over SSH where it has an address; a line to be run there by hand else. */
  #installButton(address: string | undefined) {
    if (!may('admin')) return nothing;
    const begin = (): void => {
      this._installing = address === undefined ? 'hand' : 'ssh';
    };
    return html`<button type="button" @click=${begin}>${msg('Install agent…')}</button>`;
  }

  #startMerge(): void {
    this._isMerging = true;
  }

  #told(device: DeviceDetail) {
    return html`<section>
      <h2>${msg('Alerts')}</h2>
      <p>${toldText(device)}</p>
      ${may('operator') ? html`<button type="button" @click=${() => this.#editTold(device)}>${msg('Change…')}</button>` : nothing}
    </section>`;
  }

  #editTold(device: DeviceDetail): void {
    const { tellGone, fixedAddress = '', watchCertificates } = device;
    this.#dialogs.fill({
      heading: msg('What is told of {title}', { title: device.title }),
      form: 'change-device',
      shape: (schema) => only(schema, ['tellGone', 'fixedAddress', 'watchCertificates']),
      value: { tellGone, fixedAddress, watchCertificates },
      verb: msg('Save'),
      send: async (values) => {
        await changeDevice(device, { fixedAddress: '', ...values } as Change);
        this.#changed();
      },
    });
  }

  async #split(deviceId: string, mergedDeviceId: string): Promise<void> {
    await this.#do(
      call('POST /api/v1/network/devices/:deviceId/split', { params: { deviceId }, body: { mergedDeviceId } }),
    );
  }

  async #wake(deviceId: string): Promise<void> {
    const sent = call('POST /api/v1/network/devices/:deviceId/wake', { params: { deviceId } });
    if (await this.#do(sent))
      toast({ text: msg('The packet was sent. Nobody answers to it: the next sweep tells whether it woke.') });
  }

  async #do(done: Promise<unknown>): Promise<boolean> {
    const isDone = await tried(() => done);
    this.#changed();
    return isDone;
  }

  #askForget({ id, title }: DeviceDetail): void {
    this.#dialogs.confirm({
      heading: msg('Forget {title}?', { title }),
      consequences: [
        msg('Its name, its history and what is told of it go.'),
        msg('If it is still there, the next sweep finds it as a new device.'),
      ],
      verb: msg('Forget'),
      act: async () => {
        await call('DELETE /api/v1/network/devices/:deviceId', { params: { deviceId: id } });
        router.go('/network');
      },
    });
  }
}
customElements.define('reeve-device-page', ReeveDevicePage);

function gone() {
  setTitle(msg('No such device'));
  return html`<reeve-notice page kind="empty" heading=${msg('There is no such device')}>
    <p>${msg('It was forgotten, turned out to be another one, or belongs to another site.')}</p>
    <a href="/network">${msg('Go to the network')}</a>
  </reeve-notice>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-device-page': ReeveDevicePage;
  }
}
