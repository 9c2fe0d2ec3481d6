import { css, html, LitElement, nothing } from 'lit';
import type { Host } from '../../protocol/hosts.ts';
import type { AlertHead } from '../../protocol/live.ts';
import type { Concern } from '../condition.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';
import '../parts/time.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';

/** `<reeve-concerns .host=${host} .concerns=${concerns}>`: what is wrong with one host now, and what can be done; nothing when all is well. */
export class ReeveConcerns extends LitElement {
  static override properties = {
    host: { attribute: false },
    concerns: { attribute: false },
    _isBusy: { state: true },
  };
  declare host: Host | undefined;
  declare concerns: readonly Concern[];
  declare _isBusy: boolean;

  static override styles = [
    base,
    buttons,
    css`
      ul {
        display: grid;
        gap: 8px;
        margin-bottom: 12px;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        padding: 8px 12px;
        border: 1px solid var(--reeve-line);
        border-left: 3px solid var(--reeve-warning-mark);
        border-radius: 4px;
        background: var(--reeve-surface);
      }
      li.critical,
      li.offline {
        border-left-color: var(--reeve-critical-mark);
      }
      li.high {
        border-left-color: var(--reeve-high-mark);
      }
      li.low {
        border-left-color: var(--reeve-info-mark);
      }
      li.in-hand {
        border-left-color: var(--reeve-line-strong);
      }
      a {
        color: var(--reeve-text);
        font-weight: 600;
        text-decoration: none;
      }
      a:hover {
        text-decoration: underline;
      }
      p {
        flex: 1 1 200px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.concerns = [];
    this._isBusy = false;
  }

  async #settle(same: boolean): Promise<void> {
    const { host } = this;
    if (!host) return;
    this._isBusy = true;
    await tried(() => call('POST /api/v1/hosts/:hostId/same-as', { params: { hostId: host.id }, body: { same } }));
    this._isBusy = false;
  }

  override render() {
    const { host } = this;
    const twin = host?.sameAs === undefined ? undefined : live().fleet.get(host.sameAs);
    if (this.concerns.length === 0 && !twin) return nothing;
    return html`<ul>
      ${this.concerns.map(
        ({ level, text, since, alert, isQuiet }) => html`<li class="${level} ${isQuiet ? 'in-hand' : ''}">
          <reeve-state level=${level} quiet></reeve-state>
          <p>${alert ? html`<a href="/alerts/${alert.id}">${text}</a> ${this.#about(alert, text)}` : text} ${since === undefined ? nothing : html`<span class="quiet"><reeve-time .at=${since}></reeve-time></span>`}</p>
        </li>`,
      )}
      ${twin ? this.#twin(twin) : nothing}
    </ul>`;
  }

  /** Why it fired, where the text does not say it, and who looks after it. */
  #about({ reason, condition, acknowledgedBy, snoozedUntil, held, isStale }: AlertHead, text: string) {
    const words = [
      condition.id === 'absent' && text.includes('. ') ? '' : reason,
      acknowledgedBy === undefined ? '' : msg('acknowledged by {name}', { name: acknowledgedBy }),
      snoozedUntil === undefined ? '' : msg('snoozed'),
      held?.why ?? '',
      isStale ? msg('stale: nobody knows whether it is still so') : '',
    ];
    return html`<span class="quiet">${words
      .filter((word) => word !== '')
      .map((word) => `${word} · `)
      .join('')}</span>`;
  }

  #twin(twin: Host) {
    return html`<li class="warning">
      <reeve-state level="low" quiet></reeve-state>
      <p>${msg('This seems to be {name}, newly installed. As the same host it keeps its name, settings and history.', { name: twin.name })}</p>
      ${
        may('admin')
          ? html`<button type="button" ?disabled=${this._isBusy} @click=${() => this.#settle(true)}>${msg('The same host')}</button>
            <button type="button" ?disabled=${this._isBusy} @click=${() => this.#settle(false)}>${msg('Another host')}</button>`
          : nothing
      }
    </li>`;
  }
}
customElements.define('reeve-concerns', ReeveConcerns);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-concerns': ReeveConcerns;
  }
}
