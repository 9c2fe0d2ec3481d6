import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import '../audits/host-audits.ts';
import { parseRange, printRange } from '../charts/range.ts';
import '../charts/range-picker.ts';
import { hostCondition } from '../condition.ts';
import '../cost/host-cost.ts';
import { rackText } from '../host/facts.ts';
import '../host/metrics.ts';
import '../host/overview.ts';
import '../host/services.ts';
import '../host/settings.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import '../maintenance/silence-menu.ts';
import { msg } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/tabs.ts';
import { router } from '../router.ts';
import '../rules/host-rules.ts';
import { formatUptime } from '../times.ts';
import { setTitle } from './page.ts';

/** Parts that are about now only. */
const WITHOUT_RANGE: readonly string[] = ['audit', 'rules', 'settings'];

const hostPageStyles = css`
  :host {
    display: block;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-start;
    justify-content: space-between;
    gap: 12px 24px;
    margin-bottom: 8px;
  }
  .who {
    min-width: 0;
  }
  h1 {
    display: flex;
    align-items: center;
    gap: 10px;
    overflow-wrap: anywhere;
  }
  small {
    color: var(--reeve-muted);
    font-size: 14px;
    font-weight: 400;
  }
  p {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 8px;
    overflow-wrap: anywhere;
  }
  .tag {
    padding: 0 8px;
    border: 1px solid var(--reeve-line-strong);
    border-radius: 10px;
    color: var(--reeve-muted);
    font-size: 12px;
    line-height: 18px;
    text-decoration: none;
  }
  .tag:hover {
    color: var(--reeve-text);
  }
  .range {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .tab {
    padding-top: 16px;
  }
`;

/** One host: how it is, its charts, every metric, its settings. Tab and range stand in the address. */
export class ReeveHostPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  /** The range before one looked closer. */
  #before: string | undefined;

  static override styles = [base, buttons, hostPageStyles];

  constructor() {
    super();
    this.params = {};
    new Follow(this, () => [live().fleet, live().alerts]);
    new Hearing(this, () => router.subscribe(() => this.requestUpdate()));
  }

  get #range(): string {
    return router.query.get('range') ?? 'live';
  }

  override render() {
    const { fleet } = live();
    const { hostId = '', tab = 'overview' } = this.params;
    if (!fleet.isLoaded) {
      if (fleet.failure)
        return failureNotice(msg('The host could not be read'), fleet.failure, {
          again: () => location.reload(),
          isPage: true,
        });
      return html`<reeve-notice page kind="loading" heading=${msg('Loading the host')}></reeve-notice>`;
    }
    const host = fleet.get(hostId);
    if (!host) {
      setTitle(msg('No such host'));
      return html`<reeve-notice page kind="empty" heading=${msg('There is no such host')}>
        <p>${msg('It was removed, or it belongs to another site.')}</p>
        <a href="/">${msg('Go to the fleet')}</a>
      </reeve-notice>`;
    }
    setTitle(host.name);
    return html`${this.#head(host, tab)} ${this.#tabs(host, tab)}
      <div class="tab">${this.#tab(host, tab)}</div>`;
  }

  #head(host: Host, tab: string) {
    const { fleet, alerts } = live();
    const { level, word } = hostCondition(host, fleet.card(host.id), alerts.known(host.id));
    const { facts } = host;
    const isUp = host.status === 'online' && facts?.bootAt !== undefined;
    const about = [
      host.role,
      facts?.os,
      host.addresses?.[0] ?? facts?.addresses[0],
      [host.location, rackText(host)].filter(Boolean).join(', '),
      isUp ? formatUptime(fleet.now() - (facts.bootAt ?? 0)).replaceAll(' ', '\u00a0') : undefined,
    ];
    return html`<header>
      <div class="who">
        <h1><reeve-state level=${level} word=${word} quiet></reeve-state>${host.name}
          ${level === 'ok' ? nothing : html`<small>${word}</small>`}</h1>
        <p class="quiet">
          ${about.filter(Boolean).join(' · ')}
          ${host.tags.map((tag) => html`<a class="tag" href="/?tag=${encodeURIComponent(tag)}">${tag}</a>`)}
        </p>
      </div>
      <div class="range">
        <reeve-silence-menu host-id=${host.id} name=${host.name}></reeve-silence-menu>
        ${WITHOUT_RANGE.includes(tab) ? nothing : this.#rangePicker()}
      </div>
    </header>`;
  }

  #rangePicker() {
    const isZoomed = this.#before !== undefined;
    return html`<div class="range">
      ${isZoomed ? html`<button type="button" @click=${this.#zoomOut}>${msg('Reset zoom')}</button>` : nothing}
      <reeve-range-picker
        value=${this.#range}
        .now=${live().fleet.now()}
        @choose=${({ detail }: CustomEvent<{ value: string }>) => this.#setRange(detail.value)}
      ></reeve-range-picker>
    </div>`;
  }

  #setRange(value: string): void {
    this.#before = undefined;
    router.setQuery({ range: printRange(parseRange(value)) });
  }

  #zoom({ detail }: CustomEvent<{ from: number; to: number }>): void {
    this.#before ??= this.#range;
    router.setQuery({ range: printRange({ kind: 'fixed', ...detail }) });
  }

  #zoomOut(): void {
    if (this.#before !== undefined) this.#setRange(this.#before);
  }

  #tabs(host: Host, tab: string) {
    const range = this.#range === 'live' ? '' : `?range=${this.#range}`;
    const tabs = [
      { id: 'overview', title: msg('Overview'), href: `/hosts/${host.id}${range}` },
      { id: 'metrics', title: msg('Metrics'), href: `/hosts/${host.id}/metrics${range}` },
      { id: 'services', title: msg('Services'), href: `/hosts/${host.id}/services${range}` },
      { id: 'cost', title: msg('Cost'), href: `/hosts/${host.id}/cost${range}` },
      { id: 'audit', title: msg('Audit'), href: `/hosts/${host.id}/audit` },
      { id: 'rules', title: msg('Rules'), href: `/hosts/${host.id}/rules` },
      { id: 'settings', title: msg('Settings'), href: `/hosts/${host.id}/settings` },
    ];
    return html`<reeve-tabs label=${msg('Parts of this host')} .tabs=${tabs} selected=${tab}></reeve-tabs>`;
  }

  #tab(host: Host, tab: string) {
    const range = this.#range;
    switch (tab) {
      case 'overview':
        return html`<reeve-host-overview .host=${host} range=${range} @zoom=${this.#zoom} @zoom-out=${this.#zoomOut}></reeve-host-overview>`;
      case 'metrics':
        return html`<reeve-host-metrics .host=${host} range=${range} @zoom=${this.#zoom} @zoom-out=${this.#zoomOut}></reeve-host-metrics>`;
      case 'services':
        return html`<reeve-host-services .host=${host} range=${range}></reeve-host-services>`;
      case 'cost':
        return html`<reeve-host-cost .host=${host} range=${range}></reeve-host-cost>`;
      case 'audit':
        return html`<reeve-host-audits .host=${host}></reeve-host-audits>`;
      case 'rules':
        return html`<reeve-host-rules host-id=${host.id}></reeve-host-rules>`;
      case 'settings':
        return html`<reeve-host-settings .host=${host}></reeve-host-settings>`;
      default:
        return html`<reeve-notice kind="empty" heading=${msg('There is no page at this address')}>
          <a href="/hosts/${host.id}">${msg('Go to the overview')}</a>
        </reeve-notice>`;
    }
  }
}
customElements.define('reeve-host-page', ReeveHostPage);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-page': ReeveHostPage;
  }
}
