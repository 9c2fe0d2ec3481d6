import { css, html, LitElement, nothing } from 'lit';
import type { Alert } from '../../protocol/alerts.ts';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import { Hearing } from '../parts/hearing.ts';
import type { Level } from '../parts/levels.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import { call, type ResponseOf } from '../rest.ts';
import { clockTime, relativeTime } from '../times.ts';
import { storyStyles } from './story-styles.ts';

type Delivery = ResponseOf<'GET /api/v1/notifications'>['items'][number];

/** `<reeve-alert-told .alert=${alert}>`: who was told of an alert by which channel, with the far end's answer; and why nobody was. */
export class ReeveAlertTold extends LitElement {
  static override properties = { alert: { attribute: false } };
  declare alert: Alert | undefined;
  readonly #deliveries = new Reading(this, () => this.#read());

  static override styles = [
    base,
    storyStyles,
    css`
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 12px;
      }
    `,
  ];

  constructor() {
    super();
    new Hearing(this, () => live().alerts.onDeliveries(() => void this.#deliveries.load()));
  }

  async #read(): Promise<readonly Delivery[]> {
    if (!this.alert) return [];
    const { items } = await call('GET /api/v1/notifications', { query: { alertId: this.alert.id, limit: 100 } });
    return items;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('alert') && changed.get('alert') !== undefined) void this.#deliveries.load();
  }

  override render() {
    const { alert } = this;
    if (!alert) return nothing;
    const words = { failed: msg('Who was told could not be read'), loading: msg('Reading who was told') };
    return html`<h2>${msg('Who was told')}</h2>
      ${this.#deliveries.view(words, (all) =>
        all.length === 0
          ? html`<p>${untoldText(alert)}</p>`
          : html`<ul>
              ${all.map((delivery) => this.#delivery(delivery))}
            </ul>`,
      )}`;
  }

  #delivery(delivery: Delivery) {
    const { channelName, title, tries, createdAt, answer, error } = delivery;
    const { level, word } = stateOf(delivery, live().fleet.now());
    const said = [error, answer].filter((text) => text !== undefined && text !== '').join(' · ');
    return html`<li>
      <div class="line"><b>${channelName}</b><reeve-state level=${level} word=${word}></reeve-state></div>
      <p>
        ${clockTime(createdAt)} · ${title}${tries > 1 ? ` · ${plural(tries, { one: '{count} try', other: '{count} tries' })}` : ''}
      </p>
      ${said === '' ? nothing : html`<p>${msg('Far end: {answer}', { answer: said })}</p>`}
    </li>`;
  }
}
customElements.define('reeve-alert-told', ReeveAlertTold);

function stateOf({ state, nextAt }: Delivery, now: number): { level: Level; word: string } {
  switch (state) {
    case 'sent':
      return { level: 'ok', word: msg('arrived') };
    case 'sending':
      return { level: 'unknown', word: msg('on its way') };
    case 'waiting':
      return {
        level: 'warning',
        word: nextAt === undefined ? msg('waits') : msg('tried again {when}', { when: relativeTime(nextAt, now) }),
      };
    case 'given-up':
      return { level: 'critical', word: msg('given up') };
  }
}

/** Why no message of an alert went out. */
export function untoldText({ transitions }: Pick<Alert, 'transitions'>): string {
  if (transitions.some(({ isTold }) => isTold))
    return msg('Nobody: no channel and route of this site takes such alerts.');
  const why = transitions.find(({ kind, whyNot }) => kind === 'fired' && whyNot !== undefined)?.whyNot;
  return why === undefined ? msg('Nobody.') : msg('Nobody: {why}.', { why });
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-alert-told': ReeveAlertTold;
  }
}
