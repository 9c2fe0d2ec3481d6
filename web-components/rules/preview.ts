import { html, LitElement, nothing, svg } from 'lit';
import type { Limit } from '../charts/overlay.ts';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import { failureNotice } from '../parts/notice.ts';
import { base, buttons } from '../parts/styles.ts';
import { ApiProblem, call } from '../rest.ts';
import { exactTime, formatSpan, shortDay } from '../times.ts';
import type { RuleBody } from './draft.ts';
import './episode-chart.ts';
import { type Episode, firedByDay, firedByHost, type Preview } from './episodes.ts';
import { previewStyles } from './preview-styles.ts';
import { Previewer, type PreviewState } from './previewer.ts';
import { levelText } from './quantities.ts';

const DAYS = 30;
const SHOWN = 8;
/** More than one in so many hours, and people stop reading. */
const OFTEN_A_DAY = 2;

/**
 * `<reeve-rule-preview .rule=${body}>`: how often a rule would have fired in the last 30 days, computed from real history while one edits;
 * when, on which hosts, and the values of one time with the threshold.
 */
export class ReeveRulePreview extends LitElement {
  static override properties = { rule: { attribute: false }, _state: { state: true }, _chosen: { state: true } };
  /** Undefined while what is typed is not a rule yet. */
  declare rule: RuleBody | undefined;
  declare _state: PreviewState<Preview>;
  /** Which episode the chart shows. */
  declare _chosen: number;

  readonly #previewer = new Previewer<RuleBody, Preview>({
    ask: (rule, signal) => call('POST /api/v1/alert-rules/preview', { body: { ...rule, days: DAYS }, signal }),
    tell: (state) => {
      if (state.found !== this._state.found) this._chosen = 0;
      this._state = state;
    },
    isBusyFailure: (error) => error instanceof ApiProblem && error.code === 'too-many-requests',
  });

  static override styles = [base, buttons, previewStyles];

  constructor() {
    super();
    this._state = { isBusy: false };
    this._chosen = 0;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#previewer.stop();
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('rule')) this.#previewer.of(this.rule);
  }

  override render() {
    const { found, isBusy, failure } = this._state;
    return html`<h2>${msg('On the last {days} days', { days: DAYS })}</h2>
      <div class="answer ${isBusy && found ? 'is-old' : ''}" role="status" aria-live="polite" aria-busy=${isBusy}>
        ${this.#headline()}
      </div>
      ${isBusy ? html`<p class="busy quiet"><progress aria-label=${msg('Looking through history')}></progress>${msg('Looking through history')}</p>` : nothing}
      ${failure ? this.#failed(failure) : nothing} ${found ? this.#found(found, isBusy) : nothing}`;
  }

  #headline() {
    const { found, isBusy } = this._state;
    if (found) return headline(found);
    return isBusy || this._state.failure
      ? nothing
      : html`<p class="quiet">${msg('Fill in the rule, and see here how often it would have fired.')}</p>`;
  }

  /** What is wrong with the rule stands at its field; here it is enough to say that nothing can be tried. */
  #failed(failure: unknown) {
    if (failure instanceof ApiProblem && failure.code === 'invalid-request')
      return html`<p class="quiet">${msg('Not to be tried yet: {reason}', { reason: failure.message })}</p>`;
    return failureNotice(msg('The rule could not be tried on history'), failure, {
      again: () => this.#previewer.again(),
    });
  }

  #found(found: Preview, isBusy: boolean) {
    const { episodes } = found;
    const chosen = episodes[this._chosen];
    return html`<div class=${isBusy ? 'is-old found' : 'found'}>
      ${episodes.length > 0 ? html`${dayBars(found)} ${hostLines(episodes)} ${this.#list(found)}` : nothing}
      ${chosen ? this.#chart(chosen, found) : nothing}
      ${
        found.notes.length > 0
          ? html`<p class="quiet notes">${msg('{series} series of {hosts} hosts; {notes}.', { series: found.series, hosts: found.hosts, notes: found.notes.join('; ') })}</p>`
          : nothing
      }
    </div>`;
  }

  #list({ episodes, fired, to }: Preview) {
    return html`<ul class="episodes">
        ${episodes.slice(0, SHOWN).map(
          (episode, index) => html`<li>
            <button
              type="button"
              class="bare"
              aria-pressed=${index === this._chosen}
              @click=${() => {
                this._chosen = index;
              }}
            >
              <span class="value">${exactTime(episode.firedAt).slice(0, 16)}</span>
              <span class="name">${[episode.hostName, ...Object.values(episode.attributes)].join(' ')}</span>
              <span class="quiet">${lasted(episode, to)}</span>
            </button>
          </li>`,
        )}
      </ul>
      ${fired > SHOWN ? html`<p class="quiet">${msg('The newest {shown} of {count}.', { shown: SHOWN, count: fired })}</p>` : nothing}`;
  }

  #chart(episode: Episode, { to }: Preview) {
    const { metric, forMs = 0, condition } = this.rule ?? {};
    if (metric === undefined) return nothing;
    const view = { episode, metric, to, spanMs: forMs, limits: limitsOf(condition?.settings ?? {}, metric) };
    return html`<reeve-episode-chart .view=${view}></reeve-episode-chart>`;
  }
}
customElements.define('reeve-rule-preview', ReeveRulePreview);

function headline({ fired, from, to, episodes }: Preview) {
  const days = Math.round((to - from) / 86_400_000);
  if (fired === 0) return html`<p class="count">${msg('Would not have fired in the last {days} days', { days })}</p>`;
  const hosts = firedByHost(episodes).length;
  const times = plural(fired, { one: 'Would have fired {count} time', other: 'Would have fired {count} times' });
  const where = plural(hosts, { one: 'on {count} host', other: 'on {count} hosts' });
  return html`<p class="count">${times}, ${where}</p>
    ${fired / days > OFTEN_A_DAY ? html`<p class="quiet">${msg('That is {count} a day: alerts that come so often are soon read by nobody.', { count: Math.round(fired / days) })}</p>` : nothing}`;
}

/** One bar for each day, the last at the right. */
function dayBars({ episodes, from, to }: Preview) {
  const counts = firedByDay(episodes, { from, to });
  const most = Math.max(1, ...counts);
  const width = 100 / counts.length;
  const text = counts
    .flatMap((count, day) => (count > 0 ? [`${shortDay(from + (day + 0.5) * 86_400_000)}: ${count}`] : []))
    .join(', ');
  return html`<figure>
    <svg viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label=${msg('Fired by day: {days}', { days: text })}>
      ${counts.map((count, day) => {
        const height = count === 0 ? 0.6 : 2 + (18 * count) / most;
        return svg`<rect class=${count > 0 ? 'some' : 'none'} x=${day * width + width * 0.1} y=${20 - height} width=${width * 0.8} height=${height}><title>${shortDay(from + (day + 0.5) * 86_400_000)}: ${count}</title></rect>`;
      })}
    </svg>
    <figcaption class="quiet"><span>${shortDay(from)}</span><span>${shortDay(to)}</span></figcaption>
  </figure>`;
}

function hostLines(episodes: readonly Episode[]) {
  const hosts = firedByHost(episodes);
  if (hosts.length < 2) return nothing;
  const named = hosts.slice(0, 5).map(({ hostName, count }) => `${hostName} ${count}`);
  const more = hosts.length > 5 ? msg(' and {count} more', { count: hosts.length - 5 }) : '';
  return html`<p class="quiet">${named.join(', ')}${more}</p>`;
}

const lasted = ({ firedAt, resolvedAt }: Episode, to: number): string =>
  resolvedAt === undefined
    ? msg('for {span}, still so', { span: formatSpan(to - firedAt) })
    : msg('for {span}', { span: formatSpan(resolvedAt - firedAt) });

/** Levels to draw into a chart: where an alert begins, and where it ends. */
export function limitsOf(settings: Readonly<Record<string, unknown>>, metric: string): Limit[] {
  const described = live().descriptors.get(metric);
  const limit = (name: string, text: string, level: Limit['level']): Limit[] => {
    const value = settings[name];
    return typeof value === 'number' ? [{ value, text: `${text} ${levelText(value, described)}`, level }] : [];
  };
  const clear = settings.clear === settings.threshold ? [] : limit('clear', msg('clear'), 'warning');
  return [
    ...limit('threshold', msg('threshold'), 'critical'),
    ...limit('limit', msg('limit'), 'critical'),
    ...limit('from', msg('lowest'), 'critical'),
    ...limit('to', msg('highest'), 'critical'),
    ...clear,
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-rule-preview': ReeveRulePreview;
  }
}
