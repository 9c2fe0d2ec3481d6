import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { msg } from '../msg.ts';
import { type IconName, icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import '../parts/state-icon.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import '../parts/time.ts';
import { severityWord } from '../severity.ts';
import type { ActKind } from './acts.ts';
import { alertLevel, isWaiting } from './level.ts';
import { type Standing, type StandingId, standings } from './standing.ts';

const MARKS: Record<StandingId, IconName> = {
  resolved: 'check',
  acknowledged: 'person',
  snoozed: 'clock',
  held: 'pause',
  flapping: 'waves',
  stale: 'dash',
  covered: 'layers',
  late: 'late',
};

const rowStyles = css`
  :host {
    display: block;
  }
  article {
    display: grid;
    grid-template-columns: var(--row-columns);
    gap: 0 12px;
    align-items: start;
    padding: 8px 12px;
    border-top: 1px solid var(--reeve-line);
  }
  :host(:focus-within) article,
  article:hover {
    background: var(--reeve-raised);
  }
  :host(:focus-within) article {
    box-shadow: inset 2px 0 0 var(--reeve-accent);
  }
  input {
    margin: 1px 0;
  }
  reeve-state {
    line-height: 20px;
  }
  .what {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  h3 {
    display: inline;
    font-size: 14px;
  }
  h3 a {
    color: var(--reeve-text);
    text-decoration: none;
  }
  h3 a:hover {
    text-decoration: underline;
  }
  .is-quiet h3,
  .is-quiet .host {
    font-weight: 400;
  }
  .is-quiet h3 a {
    color: var(--reeve-muted);
  }
  p {
    color: var(--reeve-muted);
    font-size: 13px;
  }
  .standing {
    display: flex;
    gap: 6px;
    align-items: flex-start;
  }
  .standing b {
    color: var(--reeve-text);
    font-weight: 500;
  }
  .standing svg {
    flex: none;
    width: 16px;
    height: 16px;
    margin-top: 2px;
  }
  .host {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--reeve-text);
    font-weight: 500;
    text-decoration: none;
  }
  .host:hover {
    text-decoration: underline;
  }
  .when {
    text-align: end;
    color: var(--reeve-muted);
  }
  reeve-menu {
    margin: -6px -8px;
  }
  @media (max-width: 719px) {
    article {
      grid-template-columns: var(--row-columns-small);
      padding: 8px 4px;
    }
    .what {
      grid-column: text / -1;
      grid-row: 2;
    }
    .host {
      grid-column: text / -1;
      grid-row: 3;
      justify-self: start;
      max-width: 100%;
    }
    reeve-state {
      grid-column: text;
    }
  }
`;

/**
 * `<reeve-alert-row .alert=${alert} .acts=${true} ?chosen=${false}>`: one alert in a list: state, what, why, where and since when. Events
 * `act` (`detail.kind`) and `choose`. Its focus is that of its title.
 */
export class ReeveAlertRow extends LitElement {
  static override properties = {
    alert: { attribute: false },
    now: { type: Number },
    acts: { type: Boolean },
    chosen: { type: Boolean },
    ruleTitle: { attribute: false },
  };
  declare alert: AlertHead | undefined;
  /** The appliance's time, epoch ms. */
  declare now: number;
  /** The person may act on it. */
  declare acts: boolean;
  declare chosen: boolean;
  declare ruleTitle: (ruleId: string) => string;

  static override styles = [base, buttons, fields, rowStyles];

  constructor() {
    super();
    this.now = Date.now();
    this.acts = false;
    this.chosen = false;
    this.ruleTitle = (ruleId) => ruleId;
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('h3 a')?.focus();
  }

  /** A new time alone changes only what lies ahead or is over: once a minute is enough. */
  protected override shouldUpdate(changed: Map<string, unknown>): boolean {
    if (changed.size > 1 || !changed.has('now')) return true;
    return Math.floor(Number(changed.get('now')) / 60_000) !== Math.floor(this.now / 60_000);
  }

  override render() {
    const { alert, now } = this;
    if (!alert) return nothing;
    const about = standings(alert, { now, ruleTitle: this.ruleTitle });
    const isQuiet = !isWaiting(alert);
    return html`<article class=${isQuiet ? 'is-quiet' : ''}>
      ${
        this.acts
          ? html`<input
              type="checkbox"
              aria-label=${msg('Choose {title}', { title: alert.title })}
              .checked=${this.chosen}
              @change=${this.#choose}
            />`
          : nothing
      }
      <reeve-state level=${alertLevel(alert)} word=${this.#word(alert)}></reeve-state>
      <div class="what">
        <h3><a href="/alerts/${alert.id}">${alert.title}</a></h3>
        <p>${alert.reason}</p>
        ${about.map((standing) => this.#standing(standing))}
      </div>
      ${
        alert.hostId === undefined
          ? html`<span class="host quiet">${msg('Reeve itself')}</span>`
          : html`<a class="host" href="/hosts/${alert.hostId}" title=${alert.hostName ?? ''}>${alert.hostName ?? ''}</a>`
      }
      <span class="when"><reeve-time .at=${alert.firedAt}></reeve-time></span>
      ${this.acts ? this.#menu(alert) : nothing}
    </article>`;
  }

  #word({ status, severity }: AlertHead): string {
    return status === 'resolved' ? msg('was {severity}', { severity: severityWord(severity) }) : severityWord(severity);
  }

  #standing({ id, word, why }: Standing) {
    return html`<p class="standing">${icon(MARKS[id])}<span><b>${word}.</b> ${why}</span></p>`;
  }

  #menu({ status, title, snoozedUntil }: AlertHead) {
    const isOver = status === 'resolved';
    const items: readonly { id: ActKind; title: string }[] = [
      ...(status === 'open' ? [{ id: 'acknowledge' as const, title: msg('Acknowledge…') }] : []),
      ...(isOver
        ? []
        : [{ id: 'snooze' as const, title: snoozedUntil === undefined ? msg('Snooze…') : msg('Change the snooze…') }]),
      { id: 'comment', title: msg('Comment…') },
      ...(isOver ? [] : [{ id: 'resolve' as const, title: msg('Resolve…') }]),
    ];
    return html`<reeve-menu
      label=${msg('Actions for {title}', { title })}
      .items=${items}
      @choose=${({ detail }: CustomEvent<{ id: ActKind }>) =>
        this.dispatchEvent(new CustomEvent('act', { detail: { kind: detail.id } }))}
    ></reeve-menu>`;
  }

  #choose(): void {
    this.dispatchEvent(new CustomEvent('choose'));
  }
}
customElements.define('reeve-alert-row', ReeveAlertRow);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-row': ReeveAlertRow;
  }
}
