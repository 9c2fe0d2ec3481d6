import { html, LitElement, nothing, type PropertyValues } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import { type HostHistory, readHostHistory } from '../charts/host-history.ts';
import { parseRange, rangeChoices, windowOf } from '../charts/range.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import type { Level } from '../parts/levels.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { call, type ResponseOf } from '../rest.ts';
import { may } from '../session.ts';
import { sinceText } from '../times.ts';
import { pastText, stretchesOf } from './service-past.ts';
import { strip } from './service-strip.ts';
import { serviceStyles } from './service-styles.ts';
import { expecting, type Wanted, wantedWith } from './service-wishes.ts';

type Service = ResponseOf<'GET /api/v1/hosts/:hostId/services'>['items'][number];
type State = NonNullable<Service['state']>;

/** The agent tells at most hourly which services there are; what runs of those expected comes live. */
const EVERY_MS = 60_000;
const UP = 'system.service.up';
const POINTS = 240;

/** `<reeve-host-services .host=${host} range="24h">`: services that should run and how they did, suggestions from what runs, and all others that were found. */
export class ReeveHostServices extends LitElement {
  static override properties = { host: { attribute: false }, range: { type: String }, _isBusy: { state: true } };
  declare host: Host | undefined;
  declare range: string;
  declare _isBusy: boolean;
  readonly #found = new Reading(this, () => this.#readFound(), { everyMs: EVERY_MS });
  readonly #past = new Reading<HostHistory | undefined>(this, () => this.#readPast(), { everyMs: EVERY_MS });
  readonly #follow: Follow;
  /** Newer than `host`, until that has come live. */
  #changed: Host | undefined;

  static override styles = [base, buttons, fields, serviceStyles];

  constructor() {
    super();
    this.range = 'live';
    this._isBusy = false;
    this.#follow = new Follow(this, () => (this.host ? [live().host(this.host.id), live().fleet] : []));
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = changed.get('host') as Host | undefined;
    if (before?.id !== this.host?.id) this.#follow.again();
    if (changed.has('host') && before && wishText(before) !== wishText(this.host)) void this.#found.load();
    if (changed.has('range') && changed.get('range') !== undefined) void this.#past.load();
  }

  async #readFound() {
    const { host } = this;
    return host ? call('GET /api/v1/hosts/:hostId/services', { params: { hostId: host.id } }) : { items: [] };
  }

  async #readPast(): Promise<HostHistory | undefined> {
    const { host } = this;
    if (!host) return undefined;
    const window = windowOf(parseRange(this.#shownRange), live().fleet.now());
    const query = { hosts: host.id, ...window, metrics: UP, maxPoints: POINTS };
    return readHostHistory(query, AbortSignal.timeout(30_000));
  }

  /** Five minutes of a service say nothing: without a range it is a day. */
  get #shownRange(): string {
    return this.range === 'live' ? '24h' : this.range;
  }

  override render() {
    const { host } = this;
    if (!host) return nothing;
    const words = { failed: msg('The services could not be read'), loading: msg('Loading the services') };
    return this.#found.view(words, ({ items, ...rest }) =>
      this.#all(host, items, 'foundAt' in rest ? rest.foundAt : undefined),
    );
  }

  #all(host: Host, items: readonly Service[], foundAt: number | undefined) {
    const expected = items.filter(({ isExpected }) => isExpected);
    const suggested = items.filter(({ isExpected, suggestion }) => !isExpected && suggestion !== undefined);
    const others = items.filter(({ isExpected, suggestion }) => !isExpected && suggestion === undefined);
    return html`<section aria-labelledby="expected">
        <h2 id="expected">${msg('Should run')}</h2>
        ${
          expected.length === 0
            ? html`<p class="quiet">${msg('No service is expected here yet. Where one that is expected stops, an alert says so.')}</p>`
            : html`<p class="quiet">${this.#rangeText()}</p>
                <ul>
                  ${expected.map((service) => this.#expected(host, service))}
                </ul>`
        }
      </section>
      ${
        suggested.length === 0
          ? nothing
          : html`<section aria-labelledby="suggested">
              <h2 id="suggested">${msg('Suggested, because it runs here')}</h2>
              <ul>
                ${suggested.map((service) => this.#offered(host, service))}
              </ul>
            </section>`
      }
      ${this.#others(host, others, foundAt)}`;
  }

  #rangeText(): string {
    const range = parseRange(this.#shownRange);
    const named = rangeChoices().find(({ id }) => id === this.#shownRange);
    return range.kind === 'fixed' || !named ? msg('The chosen stretch of time') : named.long;
  }

  #expected(host: Host, service: Service) {
    const { name, isCritical } = service;
    const { level, word } = this.#stateNow(host, service);
    return html`<li>
      <reeve-state level=${level} word=${word}></reeve-state>
      ${named(service)}
      <span class="past">${this.#strip(name)}</span>
      ${
        may('admin')
          ? html`<span class="acts">
              <label
                ><input
                  type="checkbox"
                  .checked=${isCritical}
                  ?disabled=${this._isBusy}
                  @change=${() => this.#want(host, { name, as: isCritical ? 'expected' : 'critical' })}
                />${msg('Critical')}</label
              >
              <button type="button" ?disabled=${this._isBusy} aria-label=${msg('No longer expect {name}', { name })} @click=${() => this.#want(host, { name, as: 'none' })}>
                ${msg('No longer')}
              </button>
            </span>`
          : html`<span class="acts quiet">${isCritical ? msg('Critical') : nothing}</span>`
      }
    </li>`;
  }

  #offered(host: Host, service: Service) {
    const { name, suggestion, state = 'unknown' } = service;
    return html`<li>
      <reeve-state level=${offeredLevel(state)} word=${stateWord(state)}></reeve-state>
      ${named(service)}
      <span class="past">${suggestion ?? nothing}</span>
      ${this.#offers(host, name)}
    </li>`;
  }

  #offers(host: Host, name: string) {
    if (!may('admin')) return nothing;
    return html`<span class="acts">
      <button type="button" ?disabled=${this._isBusy} aria-label=${msg('Expect {name}', { name })} @click=${() => this.#want(host, { name, as: 'expected' })}>
        ${msg('Expect')}
      </button>
      <button type="button" ?disabled=${this._isBusy} aria-label=${msg('Expect {name} as critical', { name })} @click=${() => this.#want(host, { name, as: 'critical' })}>
        ${msg('As critical')}
      </button>
    </span>`;
  }

  #others(host: Host, others: readonly Service[], foundAt: number | undefined) {
    if (foundAt === undefined)
      return html`<reeve-notice kind="empty" heading=${msg('The agent has not told which services there are')}>
        <p>${host.kind === 'agent' ? msg('It tells them soon after it connects, where the system has a manager of services.') : msg('Only an agent finds services; those that should run can be named in the settings.')}</p>
      </reeve-notice>`;
    const when = sinceText(foundAt, live().fleet.now());
    return html`<details>
      <summary>${msg('All others that were found ({count}), as of {when}', { count: others.length, when })}</summary>
      <ul>
        ${others.map((service) => this.#offered(host, service))}
      </ul>
    </details>`;
  }

  /** What the agent said last, which is newer than what it found. */
  #stateNow(host: Host, { name, isCritical, state }: Service): { level: Level; word: string } {
    const failed = this.#last(host, 'system.service.failed', name);
    const up = this.#last(host, UP, name);
    const is: State = failed === 1 ? 'failed' : up === 1 ? 'running' : up === 0 ? 'stopped' : (state ?? 'unknown');
    const trouble: Level = isCritical ? 'critical' : 'warning';
    const level = is === 'running' ? 'ok' : is === 'unknown' ? 'unknown' : trouble;
    return { level, word: stateWord(is) };
  }

  #last(host: Host, metric: string, name: string): number | undefined {
    const store = live().host(host.id);
    const values = store.series.flatMap(({ id, metric: of, attributes }) =>
      of === metric && attributes['service.name'] === name ? [store.ring(id)?.lastValue] : [],
    );
    return values.findLast((value) => value !== undefined && !Number.isNaN(value));
  }

  #strip(name: string) {
    const { host } = this;
    const past = this.#past.value;
    if (!host || !past) return nothing;
    const series = live()
      .host(host.id)
      .series.filter(({ metric, attributes }) => metric === UP && attributes['service.name'] === name);
    const stretches = stretchesOf(series.flatMap(({ id }) => past.series.get(id) ?? []));
    const text = pastText(stretches, live().fleet.now());
    return html`${stretches.length === 0 ? nothing : strip(stretches)}<small class="quiet">${text}</small>`;
  }

  async #want(shown: Host, wanted: Wanted): Promise<void> {
    const host = this.#changed?.id === shown.id && this.#changed.rev > shown.rev ? this.#changed : shown;
    this._isBusy = true;
    this.#changed = await expecting(host, wantedWith(host, wanted));
    this._isBusy = false;
    void this.#found.load();
  }
}
customElements.define('reeve-host-services', ReeveHostServices);

const named = ({ name, title }: Service) =>
  html`<span class="name"><b>${name}</b>${title === undefined || title === name ? nothing : html`<small class="quiet">${title}</small>`}</span>`;

const wishText = (host: Host | undefined): string => JSON.stringify([host?.services, host?.criticalServices]);

export function stateWord(state: State): string {
  const words: Record<State, string> = {
    running: msg('running'),
    stopped: msg('stopped'),
    failed: msg('failed'),
    unknown: msg('not known'),
  };
  return words[state];
}

/** That a service which nobody expects is stopped is no trouble. */
const offeredLevel = (state: State): Level => (state === 'running' ? 'ok' : state === 'failed' ? 'warning' : 'unknown');

declare global {
  interface HTMLElementTagNameMap {
    'reeve-host-services': ReeveHostServices;
  }
}
