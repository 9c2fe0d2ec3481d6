import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import type { PowerSourceView } from '../../protocol/routes/power-sources.ts';
import '../boards/hosts-chart.ts';
import { formatValue, NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { call, problemText, type ResponseOf } from '../rest.ts';
import { may } from '../session.ts';
import { relativeTime } from '../times.ts';
import { containersPart, type HostCostAnswer } from './containers.ts';
import './source-dialog.ts';
import { costStyles } from './styles.ts';
import { tile } from './tile.ts';
import './week.ts';
import { boundsText, dayIn, energy, money, plusDays, plusMinus, power, shortPower, trust } from './words.ts';

type Calibration = ResponseOf<'POST /api/v1/hosts/:hostId/power-source/calibration'>;

/** `<reeve-host-cost .host=${host} range="24h">`: what one host takes and costs, how that is known, and its containers’ shares. */
export class ReeveHostCost extends LitElement {
  static override properties = {
    host: { attribute: false },
    range: { type: String },
    _isChoosing: { state: true },
    _found: { state: true },
    _isBusy: { state: true },
  };
  declare host: Host | undefined;
  declare range: string;
  declare _isChoosing: boolean;
  declare _found: Calibration | string | undefined;
  declare _isBusy: boolean;
  readonly #cost = new Reading(this, () => call('GET /api/v1/hosts/:hostId/cost', { params: this.#params }), {
    everyMs: 60_000,
  });
  readonly #source = new Reading(this, () => call('GET /api/v1/hosts/:hostId/power-source', { params: this.#params }), {
    everyMs: 15_000,
  });
  readonly #week = new Reading(this, () => {
    const today = dayIn('UTC', Date.now());
    return call('GET /api/v1/cost/pattern', {
      query: { from: plusDays(today, -27), to: plusDays(today, 2), ...this.#params },
    });
  });
  readonly #dialogs = new Dialogs(this);

  static override styles = [
    base,
    buttons,
    costStyles,
    css`
      .source {
        display: flex;
        flex-wrap: wrap;
        align-items: start;
        justify-content: space-between;
        gap: 8px 16px;
      }
      .source p {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.range = 'live';
    this._isChoosing = false;
    this._isBusy = false;
  }

  get #params(): { hostId: string } {
    return { hostId: this.host?.id ?? '' };
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get('host') as Host | undefined;
    if (before && before.id !== this.host?.id)
      for (const reading of [this.#cost, this.#source, this.#week]) void reading.load();
  }

  override render() {
    const { host } = this;
    if (!host) return nothing;
    return html`${this.#source.view({ failed: msg('The source could not be read'), loading: msg('Reading the source') }, (source) => this.#sourcePart(source))}
      ${this.#cost.view({ failed: msg('Cost could not be read'), loading: msg('Adding up energy') }, (cost) => this.#figures(host, cost))}
      ${this.#dialogs.render()}
      ${
        this._isChoosing
          ? html`<reeve-source-dialog
            host-id=${host.id}
            .chosen=${this.#source.value}
            @saved=${({ detail }: CustomEvent<PowerSourceView>) => this.#saved(detail)}
            @close=${() => {
              this._isChoosing = false;
            }}
          ></reeve-source-dialog>`
          : nothing
      }`;
  }

  #saved(source: PowerSourceView): void {
    this._isChoosing = false;
    this.#source.set(source);
    void this.#cost.load();
    toast({ text: msg('The source holds from now on') });
  }

  #sourcePart(source: PowerSourceView) {
    const { now, rev, calibration, standbyWatts } = source;
    const more = [
      now.source && !now.source.isChosen ? msg('taken by itself') : '',
      calibration
        ? msg('calibrated {time}, {off}', {
            time: relativeTime(calibration.at, Date.now()),
            off: plusMinus(calibration.error),
          })
        : '',
      standbyWatts === undefined ? '' : msg('{watts} while it is off', { watts: power(standbyWatts) }),
    ].filter((text) => text !== '');
    return html`<section class="panel source">
      <div>
        <h2>${now.source?.title ?? msg('No source of power')} <span class="quiet">· ${trust(now)}</span></h2>
        ${more.length > 0 ? html`<p class="quiet">${more.join(' · ')}</p>` : nothing}
        ${now.problem === undefined ? nothing : html`<p><reeve-state level="warning" word=${now.problem}></reeve-state></p>`}
        ${source.problems.map(({ message }) => html`<p><reeve-state level="high" word=${message}></reeve-state></p>`)}
        ${this.#calibrationText()}
      </div>
      ${
        may('admin')
          ? html`<div class="choose">
            <button type="button" class=${now.source ? '' : 'primary'} @click=${() => {
              this._isChoosing = true;
            }}>${rev === 0 ? msg('Choose a source') : msg('Change the source')}</button>
            ${now.confidence === 'measured' && rev > 0 ? html`<button type="button" ?disabled=${this._isBusy} @click=${() => void this.#calibrate(false)}>${msg('Calibrate')}</button>` : nothing}
            ${rev > 0 ? html`<button type="button" @click=${this.#askForget}>${msg('Take it away')}</button>` : nothing}
          </div>`
          : nothing
      }
    </section>`;
  }

  #calibrationText() {
    const found = this._found;
    if (found === undefined) return nothing;
    if (typeof found === 'string')
      return html`<p role="status"><reeve-state level="warning" word=${found}></reeve-state></p>`;
    const { model, values, hours, error } = found;
    const text =
      model === 'model'
        ? msg('{hours} h on the meter: {idle} idle, {full} under full load; an hour is off by {off} on average.', {
            ...{
              hours: formatValue(hours, ''),
              idle: power(values.idleWatts),
              full: power(values.fullWatts),
              off: plusMinus(error),
            },
          })
        : msg('{hours} h on the meter: {base} base load and {factor} × RAPL; an hour is off by {off} on average.', {
            ...{
              hours: formatValue(hours, ''),
              base: power(values.baseWatts),
              factor: formatValue(values.factor, ''),
              off: plusMinus(error),
            },
          });
    return html`<p role="status">${text}</p>
      ${found.isApplied ? nothing : html`<p><button type="button" ?disabled=${this._isBusy} @click=${() => void this.#calibrate(true)}>${msg('Use it in place of the meter')}</button></p>`}`;
  }

  async #calibrate(apply: boolean): Promise<void> {
    this._isBusy = true;
    try {
      const params = this.#params;
      this._found = await call('POST /api/v1/hosts/:hostId/power-source/calibration', { params, body: { apply } });
      if (apply) await Promise.all([this.#source.load(), this.#cost.load()]);
    } catch (error) {
      this._found = problemText(error);
    } finally {
      this._isBusy = false;
    }
  }

  readonly #askForget = (): void => {
    this.#dialogs.confirm({
      heading: msg('Take the source away?'),
      consequences: [
        msg('What it has told stays in the history.'),
        msg('Its address and its secrets go; they cannot be brought back.'),
        msg('From now on the best counts that the host offers by itself.'),
      ],
      verb: msg('Take it away'),
      act: async () => {
        this.#source.set(await call('DELETE /api/v1/hosts/:hostId/power-source', { params: this.#params }));
        await this.#cost.load();
      },
    });
  };

  #figures(host: Host, cost: HostCostAnswer) {
    const { currency, today, month, lastMonth, year, projectedMonth, knownShare } = cost;
    if (!cost.source && year.kwh === 0 && lastMonth.kwh === 0)
      return html`<p class="quiet lead">${msg('What it takes and costs appears here as soon as its power is known.')}</p>`;
    return html`<dl class="tiles">
        ${tile(msg('Now'), shortPower(cost), [trust(cost)])}
        ${tile(msg('Today'), money(today.cost, currency), [energy(today.kwh)])}
        ${tile(msg('This month'), money(month.cost, currency), [`${energy(month.kwh)} · ${msg('{share} of the time known', { share: formatValue(knownShare, '1') })}`])}
        ${tile(msg('By its end'), projectedMonth ? money(projectedMonth.cost, currency) : NOTHING, [boundsText(projectedMonth, currency)])}
        ${tile(msg('Last month'), money(lastMonth.cost, currency), [energy(lastMonth.kwh)])}
        ${tile(msg('This year'), money(year.cost, currency), [energy(year.kwh)])}
      </dl>
      <section>
        <reeve-hosts-chart heading=${msg('Power')} .hosts=${[host.id]} metric="hw.host.power" range=${this.range}></reeve-hosts-chart>
      </section>
      <div class="two">
        <section>
          <header><h2>${msg('Hour by weekday, the last four weeks')}</h2></header>
          <div class="panel">
            ${this.#week.view({ failed: msg('The week could not be read'), loading: msg('Adding up hours') }, (week) => html`<reeve-cost-week .week=${week} unit="watts"></reeve-cost-week>`)}
          </div>
        </section>
        ${containersPart(cost)}
      </div>
      <p><a href="/cost/what-if?host=${host.id}">${msg('What if this host slept, or were another machine?')}</a></p>`;
  }
}
customElements.define('reeve-host-cost', ReeveHostCost);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-cost': ReeveHostCost;
  }
}
