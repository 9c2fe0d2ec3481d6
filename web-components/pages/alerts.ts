import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { type AlertFilter, FILTER_NAMES, fits, isFiltered, readFilter } from '../alerts/filter.ts';
import '../alerts/filters.ts';
import { AlertHistory } from '../alerts/history.ts';
import { byUrgency, isWaiting } from '../alerts/level.ts';
import '../alerts/list.ts';
import type { AlertGroup } from '../alerts/list.ts';
import '../alerts/pending.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import { icon } from '../parts/icons.ts';
import { failureNotice } from '../parts/notice.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/tabs.ts';
import { Ticker } from '../parts/ticker.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { setTitle } from './page.ts';

/** Alerts: those that are active, live, and all that ever were. View and filters stand in the address. */
export class ReeveAlertsPage extends LitElement {
  static override properties = { params: { attribute: false } };
  declare params: Record<string, string>;
  readonly #history = new AlertHistory(this);

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        margin-bottom: 8px;
      }
      reeve-tabs {
        margin-bottom: 12px;
      }
      reeve-notice {
        margin-bottom: 16px;
      }
      @media (pointer: coarse) {
        .keys {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    new Follow(this, () => [live().alerts, live().fleet]);
    new Ticker(this);
    new Hearing(this, () => router.subscribe(() => this.requestUpdate()));
  }

  override render() {
    const filter = readFilter(router.query);
    const { active } = live().alerts;
    setTitle(active.length === 0 ? msg('Alerts') : msg('Alerts ({count})', { count: active.length }));
    const tabs = [
      {
        id: 'active',
        title: active.length === 0 ? msg('Active') : msg('Active {count}', { count: active.length }),
        href: '/alerts',
      },
      { id: 'history', title: msg('History'), href: '/alerts?view=history' },
    ];
    return html`<header>
        <h1>${msg('Alerts')}</h1>
        <button type="button" class="bare keys" @click=${() => this.renderRoot.querySelector('reeve-alert-list')?.showKeys()}>
          ${icon('keyboard')}${msg('Keys')}
        </button>
      </header>
      <reeve-tabs label=${msg('Which alerts')} .tabs=${tabs} selected=${filter.view}></reeve-tabs>
      ${filter.view === 'active' ? this.#active(filter) : this.#past(filter)}`;
  }

  #active(filter: AlertFilter) {
    const { alerts, fleet } = live();
    if (!alerts.isLoaded)
      return alerts.failure
        ? failureNotice(msg('The alerts could not be read'), alerts.failure, { again: () => location.reload() })
        : html`<reeve-notice kind="loading" heading=${msg('Loading the alerts')}></reeve-notice>`;
    const now = fleet.now();
    const found = alerts.active.filter((alert) => fits(alert, filter, now)).toSorted(byUrgency);
    return html`<reeve-alert-filters .filter=${filter} .counts=${countsOf(alerts.active, filter, now)}></reeve-alert-filters>
      ${found.length > 0 ? this.#list(groupsOf(found), now) : this.#list([], now)}
      ${found.length > 0 ? nothing : isFiltered(filter) ? noneFits() : nothingWrong()}
      <reeve-pending-alerts></reeve-pending-alerts>`;
  }

  #past(filter: AlertFilter) {
    const history = this.#history;
    history.show(filter);
    const now = live().fleet.now();
    return html`<reeve-alert-filters .filter=${filter}></reeve-alert-filters>
      ${this.#pastList(now, filter)}
      ${
        history.hasMore
          ? html`<button type="button" ?disabled=${history.isBusy} @click=${() => history.more()}>${msg('Show older alerts')}</button>`
          : nothing
      }`;
  }

  #pastList(now: number, filter: AlertFilter) {
    const { items, failure } = this.#history;
    if (failure !== undefined)
      return failureNotice(msg('The history of alerts could not be read'), failure, {
        again: () => void this.#history.load(),
      });
    if (!items) return html`<reeve-notice kind="loading" heading=${msg('Loading the alerts')}></reeve-notice>`;
    if (items.length > 0) return this.#list([{ id: 'past', title: msg('Newest first'), alerts: items }], now);
    return isFiltered(filter)
      ? noneFits()
      : html`<reeve-notice kind="empty" heading=${msg('No alert so far')}>
          <p>${msg('What rules find stands here from then on, with what became of it.')}</p>
        </reeve-notice>`;
  }

  #list(groups: readonly AlertGroup[], now: number) {
    return html`<reeve-alert-list
      .groups=${groups}
      .now=${now}
      .ruleTitle=${ruleTitle}
      ?acts=${may('operator')}
    ></reeve-alert-list>`;
  }
}
customElements.define('reeve-alerts-page', ReeveAlertsPage);

/** By what is known of alerts that are active; the id where that says nothing. */
const ruleTitle = (id: string): string => live().alerts.active.find(({ ruleId }) => ruleId === id)?.ruleTitle ?? id;

function groupsOf(alerts: readonly AlertHead[]): AlertGroup[] {
  const waiting = alerts.filter(isWaiting);
  const quiet = alerts.filter((alert) => !isWaiting(alert));
  return [
    { id: 'waiting', title: msg('Needs somebody'), alerts: waiting },
    { id: 'quiet', title: msg('In hand or quiet'), alerts: quiet },
  ].filter((group) => group.alerts.length > 0);
}

/** How many there would be with another severity chosen. */
function countsOf(
  alerts: readonly AlertHead[],
  filter: AlertFilter,
  now: number,
): Record<AlertHead['severity'], number> {
  const counts = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const alert of alerts) if (fits(alert, { ...filter, severity: '' }, now)) counts[alert.severity] += 1;
  return counts;
}

const noneFits = () => html`<reeve-notice kind="empty" heading=${msg('No alert fits these filters')}>
  <reeve-action @click=${() => router.setQuery(Object.fromEntries(FILTER_NAMES.map((name) => [name, ''])))}
    >${msg('Clear the filters')}</reeve-action
  >
</reeve-notice>`;

const nothingWrong = () => html`<reeve-notice kind="empty" heading=${msg('Nothing is wrong')}>
  <p>
    ${msg('No rule is broken now. Reeve judges every value as it comes, and what it finds appears here by itself.')}
  </p>
  <a href="/alerts?view=history">${msg('See what was')}</a>
</reeve-notice>`;

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alerts-page': ReeveAlertsPage;
  }
}
