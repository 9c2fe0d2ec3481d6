import { css, html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/data-table.ts';
import { Hearing } from '../parts/hearing.ts';
import type { Level } from '../parts/levels.ts';
import '../parts/notice.ts';
import { Reading } from '../parts/reading.ts';
import '../parts/state-icon.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import type { Column } from '../parts/table-rows.ts';
import { Ticker } from '../parts/ticker.ts';
import '../parts/time.ts';
import { call } from '../rest.ts';
import { router } from '../router.ts';
import { severityLevel, severityWord } from '../severity.ts';
import { relativeTime } from '../times.ts';
import type { Delivery } from './words.ts';

type State = Delivery['state'];
const STATES: readonly State[] = ['waiting', 'sending', 'sent', 'given-up'];
const PAGE = 100;

export function stateWord(state: State): string {
  const words: Record<State, string> = {
    waiting: msg('waiting'),
    sending: msg('being sent'),
    sent: msg('sent'),
    'given-up': msg('given up'),
  };
  return words[state];
}

/** `<reeve-deliveries>`: what was sent, newest first, and what became of it. Its filter stands in the address as `state`. */
export class ReeveDeliveries extends LitElement {
  static override properties = { _most: { state: true } };
  /** How many are asked for. */
  declare _most: number;
  #asked = '';
  readonly #read = new Reading(this, () => this.#load());

  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 12px;
        justify-items: start;
      }
      reeve-table {
        width: 100%;
      }
      .states {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
    `,
  ];

  constructor() {
    super();
    this._most = PAGE;
    new Ticker(this);
    new Hearing(this, () => live().alerts.onDeliveries(() => void this.#read.load()));
    new Hearing(this, () =>
      router.subscribe(() => {
        if (this.#asked !== this.#state) void this.#read.load();
      }),
    );
  }

  get #state(): State | '' {
    return STATES.find((state) => state === router.query.get('state')) ?? '';
  }

  #load() {
    const state = this.#state;
    this.#asked = state;
    return call('GET /api/v1/notifications', { query: { limit: this._most, ...(state !== '' && { state }) } });
  }

  override render() {
    return html`<div class="states" role="group" aria-label=${msg('State')}>
        ${[undefined, ...STATES].map(
          (state) =>
            html`<button type="button" aria-pressed=${(state ?? '') === this.#state} @click=${() => router.setQuery({ state })}>
              ${state ? stateWord(state) : msg('all')}
            </button>`,
        )}
      </div>
      ${this.#read.view(
        { failed: msg('What was sent could not be read'), loading: msg('Loading what was sent') },
        ({ items, next }) => html`<reeve-table
            label=${msg('Messages')}
            .columns=${columns()}
            .rows=${items}
            .keyOf=${({ id }: Delivery) => id}
            .words=${({ title, channelName, answer, error }: Delivery) => `${title} ${channelName} ${answer ?? ''} ${error ?? ''}`}
          >
            <reeve-notice
              kind="empty"
              heading=${this.#state === '' ? msg('Nothing was sent yet') : msg('No message is in this state')}
            >
              <p>${msg('Each message to each channel is listed here, with the far end’s answer.')}</p>
            </reeve-notice>
          </reeve-table>
          ${next === undefined ? nothing : html`<button type="button" @click=${this.#more}>${msg('Show older ones')}</button>`}`,
      )}`;
  }

  #more(): void {
    this._most = Math.min(this._most + PAGE * 4, 500);
    void this.#read.load();
  }
}
customElements.define('reeve-deliveries', ReeveDeliveries);

function columns(): Column<Delivery>[] {
  const now = live().fleet.now();
  return [
    {
      id: 'title',
      title: msg('Message'),
      isHeading: true,
      sortBy: ({ title }) => title,
      cell: titleCell,
    },
    {
      id: 'at',
      title: msg('When'),
      sortBy: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => html`<reeve-time .at=${createdAt}></reeve-time>`,
    },
    {
      id: 'channel',
      title: msg('Channel'),
      sortBy: ({ channelName }) => channelName,
      cell: ({ channelName }) => channelName,
    },
    {
      id: 'state',
      title: msg('State'),
      sortBy: ({ state }) => STATES.indexOf(state),
      cell: (delivery) => stateCell(delivery, now),
    },
    { id: 'tries', title: msg('Tries'), align: 'end', sortBy: ({ tries }) => tries, cell: ({ tries }) => tries },
    {
      id: 'answer',
      title: msg('Answer'),
      cell: ({ answer, error }) => error ?? answer ?? html`<span class="quiet">–</span>`,
    },
  ];
}

/** What waits for its time is no trouble; what waits for another try is. */
export function deliveryLevel({ state, tries }: Pick<Delivery, 'state' | 'tries'>): Level {
  if (state === 'waiting') return tries > 0 ? 'warning' : 'unknown';
  return state === 'sent' ? 'ok' : state === 'sending' ? 'low' : 'critical';
}

/** The alert that a message is about; several that were told together, and tests, are about none. */
export const alertOf = ({ messageId }: Pick<Delivery, 'messageId'>): string | undefined =>
  /^([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.\d+$/.exec(messageId)?.[1];

function titleCell(delivery: Delivery) {
  const { title, severity } = delivery;
  const alertId = alertOf(delivery);
  return html`<span class="marked"
    ><reeve-state quiet level=${severityLevel(severity)} word=${severityWord(severity)}></reeve-state>${
      alertId === undefined ? title : html`<a href="/alerts/${alertId}">${title}</a>`
    }</span
  >`;
}

/** The state, and for what waits whether it is the first time or after a failure. */
export function whenNext({ state, nextAt, tries }: Delivery, now: number): string {
  if (state !== 'waiting' || nextAt === undefined) return '';
  const when = relativeTime(nextAt, now);
  return tries > 0 ? msg('tried again {when}', { when }) : msg('sent {when}', { when });
}

function stateCell(delivery: Delivery, now: number) {
  const next = whenNext(delivery, now);
  return html`<span class="two-lines"
    ><reeve-state level=${deliveryLevel(delivery)} word=${stateWord(delivery.state)}></reeve-state>
    ${next === '' ? nothing : html`<small class="quiet">${next}</small>`}</span
  >`;
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-deliveries': ReeveDeliveries;
  }
}
