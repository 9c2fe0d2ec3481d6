import { css, html, LitElement, nothing } from 'lit';
import type { AlertHead } from '../../protocol/live.ts';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import { exactTime, formatSpan } from '../times.ts';
import { type Change, changesBefore } from './changes.ts';
import { storyStyles } from './story-styles.ts';

/** `<reeve-alert-before .alert=${alert}>`: what changed on its host within a day before it fired, and how long before. */
export class ReeveAlertBefore extends LitElement {
  static override properties = { alert: { attribute: false } };
  declare alert: AlertHead | undefined;
  readonly #changes = new Reading<readonly Change[]>(this, () => this.#read());

  static override styles = [
    base,
    storyStyles,
    css`
      li {
        display: grid;
        grid-template-columns: 64px 16px minmax(0, 1fr);
        gap: 0 8px;
        padding: 4px 0;
      }
      .value {
        text-align: end;
      }
      a {
        color: var(--reeve-text);
      }
    `,
  ];

  #read(): Promise<readonly Change[]> {
    const { alert } = this;
    const host = alert?.hostId === undefined ? undefined : live().fleet.get(alert.hostId);
    return alert && host ? changesBefore(alert, host) : Promise.resolve([]);
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get('alert') as AlertHead | undefined;
    if (changed.has('alert') && before && before.id !== this.alert?.id) void this.#changes.load();
  }

  override render() {
    const { alert } = this;
    if (!alert) return nothing;
    const words = { failed: msg('What changed could not be read'), loading: msg('Looking for what changed') };
    return html`<h2>${msg('What changed before')}</h2>
      ${this.#changes.view(words, (changes) =>
        changes.length === 0
          ? html`<p class="quiet">${msg('Nothing that Reeve knows of within a day before.')}</p>`
          : html`<ul>
              ${changes.map((change) => this.#change(change, alert))}
            </ul>`,
      )}`;
  }

  #change({ at, text, who, href, level }: Change, { firedAt }: AlertHead) {
    const what = href === undefined ? text : html`<a href=${href}>${text}</a>`;
    return html`<li>
      <span class="value" title=${exactTime(at)}>${msg('−{span}', { span: formatSpan(firedAt - at) })}</span>
      ${level === undefined ? html`<span></span>` : html`<reeve-state level=${level} quiet></reeve-state>`}
      <span>${what}${who === undefined || who === '' ? nothing : html`<span class="quiet"> · ${who}</span>`}</span>
    </li>`;
  }
}
customElements.define('reeve-alert-before', ReeveAlertBefore);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-before': ReeveAlertBefore;
  }
}
