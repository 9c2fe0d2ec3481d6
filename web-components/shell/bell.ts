import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { alertLine, alertLineStyles } from '../alerts/alert-line.ts';
import { isUnread, unreadOf } from '../alerts/unread.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg, plural } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import { icon } from '../parts/icons.ts';
import { placePopover } from '../parts/popover.ts';
import { base, buttons } from '../parts/styles.ts';
import { onPreferences, prefer, preferences } from '../preferences.ts';

const SHOWN = 8;

/** `<reeve-bell>`: how many alerts the person has not seen, the newest ones, and the button that marks all as read. */
export class ReeveBell extends LitElement {
  static override properties = { _isOpen: { state: true } };
  declare _isOpen: boolean;

  static override styles = [
    base,
    buttons,
    alertLineStyles,
    css`
      .bell {
        position: relative;
      }
      .count {
        position: absolute;
        top: 0;
        left: calc(50% + 2px);
        min-width: 16px;
        padding: 0 4px;
        border-radius: 8px;
        background: var(--reeve-critical);
        color: var(--reeve-on-critical);
        font: 600 11px/16px var(--reeve-mono);
        text-align: center;
      }
      .list {
        position: fixed;
        inset: auto;
        margin: 0;
        width: min(360px, calc(100vw - 16px));
        max-height: calc(100dvh - 64px);
        overflow-y: auto;
        padding: 12px;
        border: 1px solid var(--reeve-line-strong);
        border-radius: var(--reeve-radius);
        background: var(--reeve-raised);
        color: var(--reeve-text);
        box-shadow: var(--reeve-float);
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        min-height: 32px;
        padding-bottom: 4px;
      }
      .new {
        margin-left: 8px;
        padding: 0 6px;
        border: 1px solid var(--reeve-accent);
        border-radius: 8px;
        color: var(--reeve-accent);
        font-size: 11px;
      }
      p {
        padding: 8px 0;
      }
      .all {
        display: block;
        padding-top: 8px;
        border-top: 1px solid var(--reeve-line);
      }
    `,
  ];

  constructor() {
    super();
    this._isOpen = false;
    new Follow(this, () => [live().alerts]);
    new Hearing(this, () => onPreferences(() => this.requestUpdate()));
  }

  get #list(): HTMLElement | null {
    return this.renderRoot.querySelector('.list');
  }

  #toggled(event: ToggleEvent): void {
    this._isOpen = event.newState === 'open';
    if (this._isOpen) placePopover(this.#list, this.renderRoot.querySelector('.bell'));
  }

  #markRead(): void {
    prefer({ alertsReadAt: Math.max(0, ...live().alerts.recent.map(({ firedAt }) => firedAt)) });
  }

  override render() {
    const { recent } = live().alerts;
    const { length: count } = unreadOf(recent);
    const says =
      count === 0 ? msg('Alerts, none new') : plural(count, { one: '{count} new alert', other: '{count} new alerts' });
    return html`<button
        type="button"
        class="bare bell"
        popovertarget="list"
        aria-expanded=${this._isOpen}
        aria-label=${says}
        title=${says}
      >
        ${icon('bell')}${count === 0 ? nothing : html`<span class="count" aria-hidden="true">${count}</span>`}
      </button>
      <div id="list" class="list" popover role="dialog" aria-label=${msg('Newest alerts')} @toggle=${this.#toggled} @click=${this.#onClick}>
        ${this._isOpen ? this.#newest(recent, count) : nothing}
      </div>`;
  }

  /** A link leads away: the list has done its work. */
  #onClick(event: Event): void {
    if (event.composedPath().some((node) => node instanceof HTMLAnchorElement)) this.#list?.hidePopover();
  }

  #newest(recent: readonly AlertHead[], count: number) {
    const readAt = preferences().alertsReadAt;
    const mark = (alert: AlertHead) =>
      isUnread(alert, readAt) ? html`<span class="new">${msg('new')}</span>` : nothing;
    return html`<div class="head">
        <h2>${msg('Newest alerts')}</h2>
        ${count === 0 ? nothing : html`<button type="button" @click=${this.#markRead}>${msg('Mark all read')}</button>`}
      </div>
      ${
        recent.length === 0
          ? html`<p class="quiet">${msg('No alert so far. What rules find appears here by itself.')}</p>`
          : html`<ul>
              ${recent.slice(0, SHOWN).map((alert) => alertLine(alert, mark(alert)))}
            </ul>`
      }
      <a class="all" href="/alerts">${msg('All alerts')}</a>`;
  }
}
customElements.define('reeve-bell', ReeveBell);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-bell': ReeveBell;
  }
}
