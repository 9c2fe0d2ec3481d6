import { css, html, LitElement, nothing } from 'lit';
import type { Device, Subnet } from '../../protocol/network.ts';
import { msg } from '../msg.ts';
import '../network/devices.ts';
import '../network/inbox.ts';
import '../network/map.ts';
import '../network/subnets.ts';
import '../network/sweep-bar.ts';
import { allOf } from '../paging.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons, pageHead } from '../parts/styles.ts';
import '../parts/tabs.ts';
import { tried } from '../parts/tried.ts';
import { call, type RequestOf } from '../rest.ts';
import { may } from '../session.ts';

type NewDevice = RequestOf<'POST /api/v1/network/devices'>['body'];

interface Seen {
  isOn: boolean;
  subnets: Subnet[];
  devices: Device[];
}

const LOOK_MS = 1_000;
/** Between two looks while nothing is swept. */
const CALM_LOOKS = 15;

/** Who is on the LAN: devices, the inbox of new ones, a map by subnet and vendor, and the subnets that are swept. */
export class ReeveNetworkPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #seen = new Reading<Seen>(this, readAll);
  readonly #dialogs = new Dialogs(this);
  #timer: ReturnType<typeof setInterval> | undefined;
  #looks = 0;

  static override styles = [
    base,
    buttons,
    pageHead,
    css`
      header {
        flex-wrap: wrap;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      reeve-tabs {
        margin-bottom: 16px;
      }
      reeve-notice {
        margin-bottom: 12px;
      }
    `,
  ];

  constructor() {
    super();
    this.params = {};
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  /** Each second while a sweep is under way, else four times a minute. */
  #look(): void {
    if (document.hidden) return;
    this.#looks += 1;
    if (isSweeping(this.#seen.value) || this.#looks % CALM_LOOKS === 0) void this.#seen.load();
  }

  readonly #changed = (): void => void this.#seen.load();

  override render() {
    const words = { failed: msg('The network could not be read'), loading: msg('Reading the network'), isPage: true };
    return html`${this.#seen.view(words, (seen) => this.#page(seen))} ${this.#dialogs.render()}`;
  }

  #page(seen: Seen) {
    const tab = this.params.tab ?? 'devices';
    const waiting = seen.devices.filter(({ standing }) => standing === 'new').length;
    const tabs = [
      { id: 'devices', title: msg('Devices'), href: '/network' },
      {
        id: 'inbox',
        title: waiting > 0 ? msg('Inbox ({count})', { count: waiting }) : msg('Inbox'),
        href: '/network/inbox',
      },
      { id: 'map', title: msg('Map'), href: '/network/map' },
      { id: 'subnets', title: msg('Subnets'), href: '/network/subnets' },
    ];
    return html`<header>
        <h1>${msg('Network')}</h1>
        <div class="buttons">${this.#buttons(tab, seen)}</div>
      </header>
      ${
        seen.isOn
          ? nothing
          : html`<reeve-notice kind="note" heading=${msg('This appliance keeps off the LAN')}>
              <p>${msg('It was started with REEVE_MDNS=off, and sends nothing. Start it without that to sweep.')}</p>
            </reeve-notice>`
      }
      <reeve-sweep-bar .subnets=${seen.subnets} @change=${this.#changed}></reeve-sweep-bar>
      <reeve-tabs label=${msg('Parts of this page')} .tabs=${tabs} selected=${tab}></reeve-tabs>
      ${this.#part(tab, seen)}`;
  }

  #buttons(tab: string, seen: Seen) {
    const isBusy = isSweeping(seen);
    return html`${tab === 'subnets' && may('admin') ? html`<button type="button" @click=${this.#addSubnet}>${icon('plus')}${msg('Add a subnet')}</button>` : nothing}
    ${tab === 'devices' && may('operator') ? html`<button type="button" @click=${this.#addDevice}>${icon('plus')}${msg('Add a device')}</button>` : nothing}
    ${may('operator') ? html`<button type="button" class="primary" ?disabled=${isBusy || !seen.isOn} @click=${this.#sweep}>${isBusy ? msg('Sweeping…') : msg('Sweep now')}</button>` : nothing}`;
  }

  #part(tab: string, { devices, subnets }: Seen) {
    if (tab === 'inbox')
      return html`<reeve-device-inbox .devices=${devices} @change=${this.#changed}></reeve-device-inbox>`;
    if (tab === 'map') return html`<reeve-network-map .devices=${devices} .subnets=${subnets}></reeve-network-map>`;
    if (tab === 'subnets') return html`<reeve-subnets .subnets=${subnets} @change=${this.#changed}></reeve-subnets>`;
    return html`<reeve-devices .devices=${devices} .subnets=${subnets}>
      <reeve-notice kind="empty" heading=${msg('No devices yet')}>
        <p>${msg('Sweep the network: each address of its subnets is asked once, politely, and whoever answers is listed here.')}</p>
      </reeve-notice>
    </reeve-devices>`;
  }

  readonly #sweep = async (): Promise<void> => {
    await tried(() => call('POST /api/v1/network/sweeps', { body: {} }));
    this.#changed();
  };

  readonly #addSubnet = (): void => this.renderRoot.querySelector('reeve-subnets')?.add();

  readonly #addDevice = (): void =>
    this.#dialogs.fill({
      heading: msg('Add a device'),
      lead: msg('For one that is switched off now, so that it can be woken. Others are found by a sweep.'),
      form: 'add-device',
      verb: msg('Add'),
      send: async (values) => {
        await call('POST /api/v1/network/devices', { body: values as NewDevice });
        this.#changed();
      },
    });
}
customElements.define('reeve-network-page', ReeveNetworkPage);

const isSweeping = (seen: Seen | undefined): boolean => seen?.subnets.some(({ state }) => state !== 'idle') ?? false;

async function readAll(): Promise<Seen> {
  const [{ isOn }, subnets, devices] = await Promise.all([
    call('GET /api/v1/network'),
    allOf('GET /api/v1/network/subnets'),
    allOf('GET /api/v1/network/devices'),
  ]);
  return { isOn, subnets, devices };
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-network-page': ReeveNetworkPage;
  }
}
