import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { CostOverview, CostSeries, HostCost } from '../../protocol/routes/cost.ts';
import { formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Hearing } from '../parts/hearing.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call } from '../rest.ts';
import { router } from '../router.ts';
import './bars.ts';
import { areKnown, figures } from './figures.ts';
import { hostColumns } from './host-columns.ts';
import { monthTable } from './months.ts';
import { costStyles } from './styles.ts';
import './week.ts';
import { byCost, dayIn, money, monthOf, plusDays } from './words.ts';

const SPANS = ['14d', 'month', '30d', '12m'] as const;
type Span = (typeof SPANS)[number];

/** Days of a span, and the steps of its bars. */
function daysOf(span: Span, today: string): { from: string; to: string; by: 'day' | 'month' } {
  const to = plusDays(today, 1);
  if (span === 'month') return { from: monthOf(today), to, by: 'day' };
  if (span === '12m') return { from: monthOf(today, -11), to, by: 'month' };
  return { from: plusDays(today, span === '14d' ? -13 : -29), to, by: 'day' };
}

/** `<reeve-cost-overview>`: what the site's hosts take and cost: figures, bars by host, the week, months beside each other, what idles. */
export class ReeveCostOverview extends LitElement {
  readonly #overview = new Reading(this, () => call('GET /api/v1/cost'), {
    everyMs: 60_000,
    onDrawn: () => this.#first(),
  });
  readonly #bars = new Reading(this, () => this.#readBars());
  readonly #months = new Reading(this, () => this.#readSpan('12m', 'host'));
  readonly #week = new Reading(this, () => this.#readWeek());
  readonly #idle = new Reading(this, () => call('GET /api/v1/cost/idle'));
  #asked = '';

  static override styles = [base, buttons, fields, costStyles];

  constructor() {
    super();
    new Hearing(this, () => router.subscribe(() => this.requestUpdate()));
  }

  get #span(): Span {
    return SPANS.find((span) => span === router.query.get('span')) ?? '30d';
  }

  get #group(): 'host' | 'tag' | 'rack' {
    return (['host', 'tag', 'rack'] as const).find((group) => group === router.query.get('by')) ?? 'host';
  }

  get #unit(): 'cost' | 'kwh' {
    return router.query.get('unit') === 'kwh' ? 'kwh' : 'cost';
  }

  get #today(): string {
    const { timeZone = 'UTC', at = Date.now() } = this.#overview.value ?? {};
    return dayIn(timeZone, at);
  }

  protected override updated(_changed: PropertyValues): void {
    const asked = `${this.#span} ${this.#group}`;
    if (this.#overview.value === undefined || asked === this.#asked) return;
    this.#asked = asked;
    void this.#bars.load();
  }

  /** The days of the site are known with the first answer; what was asked before meant those of the browser. */
  #first(): void {
    if (this.#asked !== '') return;
    void this.#months.load();
    void this.#week.load();
  }

  #readBars(): Promise<CostSeries> {
    return this.#readSpan(this.#span, this.#group);
  }

  #readSpan(span: Span, group: 'host' | 'tag' | 'rack'): Promise<CostSeries> {
    return call('GET /api/v1/cost/series', { query: { ...daysOf(span, this.#today), group } });
  }

  #readWeek() {
    const today = this.#today;
    return call('GET /api/v1/cost/pattern', { query: { from: plusDays(today, -27), to: plusDays(today, 1) } });
  }

  override render() {
    return this.#overview.view(
      { failed: msg('Cost could not be read'), loading: msg('Adding up energy') },
      (overview) => this.#page(overview),
    );
  }

  #page(overview: CostOverview) {
    const { hosts } = overview;
    if (hosts.length === 0)
      return html`<reeve-notice kind="empty" heading=${msg('No hosts yet')}>
        <p>${msg('Add a host: what it takes and costs appears here by itself.')}</p>
        <a href="/">${msg('Go to the fleet')}</a>
      </reeve-notice>`;
    return html`${figures(overview)} ${areKnown(hosts) ? nothing : this.#unknown(hosts)}
      ${this.#chart()}
      <section>
        <header><h2>${msg('Hosts')}</h2></header>
        ${this.#hosts(overview)}
      </section>
      <div class="two">${this.#weekPart()} ${this.#monthsPart()}</div>
      ${this.#idlePart()}`;
  }

  #unknown(hosts: readonly HostCost[]) {
    const [first] = hosts;
    return html`<reeve-notice kind="note" heading=${msg('The power of no host is known yet')}>
      <p>${msg('Choose a source on the tab Cost of a host: a plug, a model of the machine, or its TDP.')}</p>
      ${first ? html`<a href="/hosts/${first.hostId}/cost">${msg('Choose one for {host}', { host: first.name })}</a>` : nothing}
    </reeve-notice>`;
  }

  #select<V extends string>(
    name: string,
    label: string,
    { chosen, all }: { chosen: V; all: readonly (readonly [V, string])[] },
  ) {
    return html`<select
      aria-label=${label}
      @change=${(event: Event) => router.setQuery({ [name]: (event.target as HTMLSelectElement).value })}
    >
      ${all.map(([value, title]) => html`<option value=${value} ?selected=${value === chosen}>${title}</option>`)}
    </select>`;
  }

  #chart() {
    const today = this.#today;
    const { from, to, by } = daysOf(this.#span, today);
    const download = `/api/v1/cost/export?${new URLSearchParams({ from, to, by })}`;
    return html`<section>
      <header>
        <h2>${msg('Over time')}</h2>
        <div class="choose">
          ${this.#select('span', msg('Days'), {
            chosen: this.#span,
            all: [
              ['14d', msg('14 days')],
              ['month', msg('This month')],
              ['30d', msg('30 days')],
              ['12m', msg('12 months')],
            ],
          })}
          ${this.#select('by', msg('Stacked by'), {
            chosen: this.#group,
            all: [
              ['host', msg('by host')],
              ['tag', msg('by tag')],
              ['rack', msg('by rack')],
            ],
          })}
          ${this.#select('unit', msg('Shown in'), {
            chosen: this.#unit,
            all: [
              ['cost', msg('cost')],
              ['kwh', 'kWh'],
            ],
          })}
          <a class="button" href=${download} download>${msg('Export CSV')}</a>
        </div>
      </header>
      <div class="panel">
        ${this.#bars.view(
          { failed: msg('The days could not be read'), loading: msg('Adding up days') },
          (series) => html`<reeve-cost-bars .series=${series} unit=${this.#unit}></reeve-cost-bars>
            ${this.#group === 'tag' ? html`<p class="quiet">${msg('A host with several tags counts to each of them.')}</p>` : nothing}`,
        )}
      </div>
    </section>`;
  }

  #hosts({ hosts, currency, month }: CostOverview) {
    const columns = hostColumns(currency, month.kwh);
    return html`<reeve-table
      label=${msg('Hosts')}
      order="-month"
      .columns=${columns}
      .rows=${byCost(hosts)}
      .keyOf=${({ hostId }: HostCost) => hostId}
      .words=${({ name, tags, rack = '' }: HostCost) => `${name} ${tags.join(' ')} ${rack}`}
    ></reeve-table>`;
  }

  #weekPart() {
    return html`<section>
      <header><h2>${msg('Hour by weekday, the last four weeks')}</h2></header>
      <div class="panel">
        ${this.#week.view(
          { failed: msg('The week could not be read'), loading: msg('Adding up hours') },
          (week) =>
            html`<reeve-cost-week .week=${week} unit=${this.#unit === 'kwh' ? 'watts' : 'cost'}></reeve-cost-week>`,
        )}
      </div>
    </section>`;
  }

  #monthsPart() {
    return html`<section>
      <header><h2>${msg('Months beside each other')}</h2></header>
      ${this.#months.view({ failed: msg('The months could not be read'), loading: msg('Adding up months') }, (series) => monthTable(series))}
    </section>`;
  }

  #idlePart() {
    return html`<section>
      <header><h2>${msg('Hosts that mostly idle')}</h2></header>
      ${this.#idle.view(
        { failed: msg('What idles could not be read'), loading: msg('Looking at the last days') },
        ({ items, currency, days }) =>
          items.length === 0
            ? html`<p class="quiet">${msg('None: no host whose power is known idled for four fifths of the last {days} days.', { days })}</p>`
            : html`<ul>
              ${items.map(
                ({ hostId, name, idleShare, idleWatts, costPerYear }) => html`<li>
                  <a href="/hosts/${hostId}/cost">${name}</a>
                  ${msg('idles {share} of its time at {watts}: {cost} a year.', { share: formatValue(idleShare, '1'), watts: formatValue(idleWatts, 'W'), cost: money(costPerYear, currency) })}
                  <a href="/cost/what-if?host=${hostId}">${msg('What if it slept?')}</a>
                </li>`,
              )}
            </ul>`,
      )}
    </section>`;
  }
}
customElements.define('reeve-cost-overview', ReeveCostOverview);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-cost-overview': ReeveCostOverview;
  }
}
