import { html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import type { AlertHead } from '../../protocol/live.ts';
import type { HostCost } from '../../protocol/routes/cost.ts';
import { hostCondition, THRESHOLDS } from '../condition.ts';
import { money, shortPower, sourceText } from '../cost/words.ts';
import { formatValue, NOTHING } from '../format.ts';
import type { CardValues } from '../live/card-values.ts';
import { msg } from '../msg.ts';
import '../parts/bar.ts';
import { shareLevel, type Thresholds } from '../parts/levels.ts';
import '../parts/spark-line.ts';
import type { Points } from '../parts/spark-path.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import { formatUptime, sinceText } from '../times.ts';
import { cardStyles } from './host-card-styles.ts';

/** Points of the trend further apart than this many intervals are not joined. */
const GAP_INTERVALS = 2.5;

/** Full height of the trend: a share that leaves a small one readable, and never makes it look like a storm. */
function topOf(trend: Points | undefined): number {
  let high = 0;
  for (let i = 0; i < (trend?.length ?? 0); i += 1) high = Math.max(high, trend?.value(i) ?? 0);
  return [0.2, 0.5].find((top) => high <= top) ?? 1;
}

/**
 * `<reeve-host-card .host=${host} .values=${cardValues} .trend=${points} now="1700000000000">`: one host at a glance. Values of a host
 * that is stale or away are dimmed and say since when; with `stale` those of any host.
 */
export class ReeveHostCard extends LitElement {
  static override properties = {
    host: { attribute: false },
    values: { attribute: false },
    alerts: { attribute: false },
    trend: { attribute: false },
    cost: { attribute: false },
    currency: { type: String },
    now: { type: Number },
    isStale: { type: Boolean, attribute: 'stale' },
  };
  declare host: Host | undefined;
  declare values: CardValues | undefined;
  /** What is wrong with it now, by rules; undefined while that is not known. */
  declare alerts: readonly AlertHead[] | undefined;
  declare trend: Points | undefined;
  /** What it takes and costs; undefined while that is not known. */
  declare cost: HostCost | undefined;
  declare currency: string;
  /** The appliance's time, epoch ms. */
  declare now: number;
  /** The link to the appliance is broken for so long that nothing here is about now. */
  declare isStale: boolean;

  static override styles = [base, cardStyles];

  constructor() {
    super();
    this.now = Date.now();
    this.isStale = false;
    this.currency = 'EUR';
  }

  /** A new time alone changes nothing that is seen, unless a minute has passed. */
  protected override shouldUpdate(changed: Map<string, unknown>): boolean {
    if (changed.size > 1 || !changed.has('now')) return true;
    return Math.floor(Number(changed.get('now')) / 60_000) !== Math.floor(this.now / 60_000);
  }

  override render() {
    const { host, values } = this;
    if (!host) return nothing;
    const condition = hostCondition(host, values, this.alerts);
    const isNow = host.status === 'online' && !this.isStale;
    return html`<article class=${isNow ? '' : 'is-past'}>
      <header>
        <h2><a href="/hosts/${host.id}">${host.name}</a></h2>
        <reeve-state level=${condition.level} word=${condition.word} ?quiet=${condition.level === 'ok'}></reeve-state>
      </header>
      <p class="about quiet">${isNow ? this.#about(host) : this.#away(host)}</p>
      ${values ? this.#rows(host, values) : html`<p class="quiet">${msg('Waiting for the first values')}</p>`}
    </article>`;
  }

  #about(host: Host): string {
    const uptime = host.facts?.bootAt === undefined ? undefined : formatUptime(this.now - host.facts.bootAt);
    const words = [host.role, host.rack, ...host.tags].filter((word) => word !== undefined).slice(0, 3);
    const what = words.length > 0 ? words.join(' · ') : (host.facts?.os ?? '');
    return [what, uptime].filter(Boolean).join(' · ');
  }

  #away(host: Host): string {
    const since = this.isStale ? this.values?.at : (host.lastSeenAt ?? this.values?.at);
    return since === undefined ? host.statusReason : msg('Last values {time}', { time: sinceText(since, this.now) });
  }

  #rows(host: Host, { cpu, memory, disks, networkIn, networkOut }: CardValues) {
    const [fullest] = disks;
    return html`<dl>
      ${
        cpu === undefined
          ? nothing
          : this.#row({ title: msg('CPU'), value: cpu, limits: {}, picture: this.#spark(host) })
      }
      ${memory === undefined ? nothing : this.#barRow(msg('RAM'), memory, THRESHOLDS.memory)}
      ${fullest === undefined ? nothing : this.#barRow(fullest.label, fullest.used, THRESHOLDS.disk)}
      ${networkIn === undefined && networkOut === undefined ? nothing : this.#network(networkIn, networkOut)}
      ${this.#power()}
    </dl>`;
  }

  #spark(host: Host) {
    return html`<reeve-spark
      label=${msg('CPU of the last minutes')}
      .points=${this.trend}
      .version=${(this.values?.at ?? 0) + (this.trend?.length ?? 0)}
      .gapMs=${host.intervalMs * GAP_INTERVALS}
      .max=${topOf(this.trend)}
    ></reeve-spark>`;
  }

  #barRow(title: string, value: number, limits: Thresholds) {
    const picture = html`<reeve-bar label=${title} .value=${value} .thresholds=${limits}></reeve-bar>`;
    return this.#row({ title, value, limits, picture });
  }

  #row({ title, value, limits, picture }: { title: string; value: number; limits: Thresholds; picture: unknown }) {
    return html`<div>
      <dt title=${title}>${title}</dt>
      <dd class="picture">${picture}</dd>
      <dd class="value ${shareLevel(value, limits)}">${formatValue(value, '1')}</dd>
    </div>`;
  }

  #power() {
    const { cost, currency } = this;
    if (!cost?.source && !cost?.today.kwh) return nothing;
    const known = sourceText(cost);
    return html`<div class="network">
      <dt>${msg('Power')}</dt>
      <dd class="rates value" title=${known}>
        <span>${shortPower(cost)}<span class="for-readers"> ${known}</span></span>
        <span>${msg('{amount} today', { amount: money(cost.today.cost, currency) })}</span>
      </dd>
    </div>`;
  }

  #network(incoming: number | undefined, outgoing: number | undefined) {
    const rate = (value: number | undefined) =>
      value === undefined ? NOTHING : formatValue(value, 'By/s', { bits: true });
    return html`<div class="network">
      <dt>${msg('Net')}</dt>
      <dd class="rates value">
        <span><span aria-hidden="true">↓</span><span class="for-readers">${msg('in')}</span> ${rate(incoming)}</span>
        <span><span aria-hidden="true">↑</span><span class="for-readers">${msg('out')}</span> ${rate(outgoing)}</span>
      </dd>
    </div>`;
  }
}
customElements.define('reeve-host-card', ReeveHostCard);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-card': ReeveHostCard;
  }
}
