import { html, LitElement, nothing } from 'lit';
import type { Alert } from '../../protocol/alerts.ts';
import '../alerts/act-dialog.ts';
import type { ActAsk } from '../alerts/act-dialog.ts';
import { type ActKind, acknowledgeNow } from '../alerts/acts.ts';
import '../alerts/before.ts';
import { chartMetric, chartRange } from '../alerts/chart-stretch.ts';
import { commandOf, isTyping } from '../alerts/keys.ts';
import { alertLevel } from '../alerts/level.ts';
import { standings } from '../alerts/standing.ts';
import '../alerts/incident.ts';
import '../alerts/timeline.ts';
import '../alerts/told.ts';
import '../charts/metric-chart.ts';
import { formatValue, quantityOptions } from '../format.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import { icon } from '../parts/icons.ts';
import { twoColumns } from '../parts/layouts.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import { Ticker } from '../parts/ticker.ts';
import '../parts/time.ts';
import { alertPageStyles } from '../alerts/page-styles.ts';
import { preferences } from '../preferences.ts';
import { ApiProblem, call } from '../rest.ts';
import { may } from '../session.ts';
import { severityWord } from '../severity.ts';
import { setTitle } from './page.ts';

/** One alert: what is wrong, since when, the values around it, what changed before, who was told, and what can be done. */
export class ReeveAlertPage extends LitElement {
  static override properties = { params: { attribute: false }, _ask: { state: true } };
  declare params: Record<string, string>;
  declare _ask: ActAsk | undefined;
  readonly #alert = new Reading<Alert | 'gone'>(this, () => this.#read());
  /** Drawn once for an alert, so that a chart that stands does not move with every second. */
  #range: { key: string; text: string } | undefined;

  static override styles = [base, buttons, twoColumns, alertPageStyles];

  constructor() {
    super();
    this.params = {};
    new Follow(this, () => [live().fleet]);
    new Ticker(this);
    new Hearing(this, () =>
      live().alerts.onTold(({ alert }) => {
        if (alert.id === this.params.alertId) void this.#alert.load();
      }),
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.#onKey);
  }

  /** The keys of the list, for the one alert that is shown. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const alert = this.#alert.value;
    const command = commandOf(event);
    if (!command || !alert || alert === 'gone' || !may('operator')) return;
    if (preferences().alertKeys === 'off' || isTyping(event.composedPath())) return;
    if (command === 'acknowledge' && alert.status === 'open') void acknowledgeNow([alert.id]);
    else if (command === 'comment' || (command === 'snooze' && alert.status !== 'resolved'))
      this._ask = { kind: command, alerts: [alert] };
    else return;
    event.preventDefault();
  };

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('params') as Record<string, string> | undefined;
    if (before?.alertId !== undefined && before.alertId !== this.params.alertId) {
      this.#alert.value = undefined;
      void this.#alert.load();
    }
  }

  async #read(): Promise<Alert | 'gone'> {
    const alertId = this.params.alertId ?? '';
    return call('GET /api/v1/alerts/:alertId', { params: { alertId } }).catch((error: unknown) => {
      if (error instanceof ApiProblem && (error.code === 'not-found' || error.code === 'invalid-request'))
        return 'gone';
      throw error;
    });
  }

  override render() {
    const words = { failed: msg('The alert could not be read'), loading: msg('Loading the alert'), isPage: true };
    return this.#alert.view(words, (alert) => (alert === 'gone' ? gone() : this.#page(alert)));
  }

  #page(alert: Alert) {
    setTitle([alert.title, alert.hostName].filter(Boolean).join(' · '));
    const now = live().fleet.now();
    return html`<a class="back" href="/alerts">${icon('back')}${msg('Alerts')}</a>
      ${this.#head(alert)}
      <div class="columns">
        <div class="main">
          ${this.#facts(alert, now)} ${this.#chart(alert, now)}
          <section class="last"><reeve-alert-timeline .alert=${alert} .now=${now}></reeve-alert-timeline></section>
        </div>
        <div class="side">
          ${
            alert.remedy === undefined
              ? nothing
              : html`<section>
                  <h2>${msg('What to do')}</h2>
                  <p>${alert.remedy}</p>
                </section>`
          }
          ${live().fleet.get(alert.hostId ?? '') === undefined ? nothing : html`<section><reeve-alert-before .alert=${alert}></reeve-alert-before></section>`}
          ${alert.incidentId === undefined ? nothing : html`<reeve-alert-incident .alert=${alert}></reeve-alert-incident>`}
          <section><reeve-alert-told .alert=${alert}></reeve-alert-told></section>
        </div>
      </div>
      <reeve-alert-act .ask=${this._ask} @done=${this.#closed} @close=${this.#closed}></reeve-alert-act>`;
  }

  readonly #closed = (): void => {
    this._ask = undefined;
  };

  #head(alert: Alert) {
    const level = alertLevel(alert);
    const word = alert.status === 'resolved' ? msg('over') : severityWord(alert.severity);
    return html`<header>
      <div class="who">
        <h1><reeve-state level=${level} word=${word} quiet></reeve-state>${alert.title}</h1>
        <p class="quiet">
          <span class=${level}>${alert.status === 'resolved' ? msg('over, was {severity}', { severity: severityWord(alert.severity) }) : word}</span> ·
          ${alert.hostId === undefined ? msg('Reeve itself') : html`<a href="/hosts/${alert.hostId}">${alert.hostName}</a>`} ·
          <reeve-time .at=${alert.firedAt}></reeve-time>
        </p>
      </div>
      ${may('operator') ? this.#buttons(alert) : nothing}
    </header>`;
  }

  #buttons(alert: Alert) {
    const ask = (kind: ActKind) => () => {
      this._ask = { kind, alerts: [alert] };
    };
    const isOver = alert.status === 'resolved';
    return html`<div class="buttons">
      ${alert.status === 'open' ? html`<button type="button" class="primary" @click=${ask('acknowledge')}>${msg('Acknowledge…')}</button>` : nothing}
      ${isOver ? nothing : html`<button type="button" @click=${ask('snooze')}>${alert.snoozedUntil === undefined ? msg('Snooze…') : msg('Change the snooze…')}</button>`}
      <button type="button" @click=${ask('comment')}>${msg('Comment…')}</button>
      ${isOver ? nothing : html`<button type="button" @click=${ask('resolve')}>${msg('Resolve…')}</button>`}
    </div>`;
  }

  #facts(alert: Alert, now: number) {
    const { series, value, threshold, reason, ruleId, ruleTitle } = alert;
    const unit = live().descriptors.get(series?.metric ?? '')?.unit ?? series?.unit ?? '';
    const show = (number: number) => formatValue(number, unit, quantityOptions(series?.metric ?? ''));
    const ruleTitleOf = (id: string) => live().alerts.active.find((each) => each.ruleId === id)?.ruleTitle ?? id;
    return html`<section>
      <p class="reason">${reason}</p>
      ${standings(alert, { now, ruleTitle: ruleTitleOf }).map(({ word, why }) => html`<p class="quiet"><b>${word}.</b> ${why}</p>`)}
      <dl>
        ${value === undefined ? nothing : fact(msg('Value'), html`<span class="value">${show(value)}</span>`)}
        ${threshold === undefined ? nothing : fact(msg('Threshold'), html`<span class="value">${show(threshold)}</span>`)}
        ${fact(msg('Began'), html`<reeve-time .at=${alert.sinceAt}></reeve-time>`)}
        ${fact(msg('Rule'), html`<a href="/rules/${encodeURIComponent(ruleId)}">${ruleTitle}</a>`)}
      </dl>
    </section>`;
  }

  #chart(alert: Alert, now: number) {
    const metric = chartMetric(alert);
    if (metric === undefined || alert.hostId === undefined) return nothing;
    if (!live().fleet.get(alert.hostId))
      return live().fleet.isLoaded
        ? html`<section class="quiet">${msg('Its host is no longer here, nor are its values.')}</section>`
        : nothing;
    const key = `${alert.id} ${alert.status}`;
    if (this.#range?.key !== key) this.#range = { key, text: chartRange(alert, now) };
    const { threshold, severity, series } = alert;
    const level = severity === 'critical' ? ('critical' as const) : ('warning' as const);
    return html`<section class="chart">
      <reeve-metric-chart
        host-id=${alert.hostId}
        metrics=${metric.replaceAll(',', '\\,')}
        range=${this.#range.text}
        .only=${series?.attributes}
        .limits=${threshold === undefined ? [] : [{ value: threshold, text: msg('Threshold'), level }]}
        .spans=${[{ from: alert.sinceAt, to: alert.resolvedAt ?? now, level }]}
      ></reeve-metric-chart>
      <a href="/hosts/${alert.hostId}?range=${this.#range.text}">${msg('All values of the host at that time')}</a>
    </section>`;
  }
}
customElements.define('reeve-alert-page', ReeveAlertPage);

const fact = (title: string, value: unknown) => html`<div>
  <dt>${title}</dt>
  <dd>${value}</dd>
</div>`;

function gone() {
  setTitle(msg('No such alert'));
  return html`<reeve-notice page kind="empty" heading=${msg('There is no such alert')}>
    <p>${msg('It was removed with age, or it belongs to another site.')}</p>
    <a href="/alerts">${msg('Go to the alerts')}</a>
  </reeve-notice>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-page': ReeveAlertPage;
  }
}
