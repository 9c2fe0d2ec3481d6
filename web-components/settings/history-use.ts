import { css, html, LitElement, nothing } from 'lit';
import { formatOf, formatValue, NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/bar.ts';
import { shareLevel } from '../parts/levels.ts';
import { failureNotice } from '../parts/notice.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import '../parts/time.ts';
import { call, type ResponseOf } from '../rest.ts';
import { formatSpan } from '../times.ts';

type Storage = ResponseOf<'GET /api/v1/settings/history/storage'>;
/** The fields of the section `history` that say how long. */
type Settings = Record<'rawHours' | 'minuteDays' | 'fiveMinuteDays' | 'hourDays', number>;
type Tier = Storage['tiers'][number];

const HOUR_MS = 3_600_000;
/** Pruning begins at the whole budget; people are told before. */
const BUDGET = { warning: 0.8, critical: 0.95 };

/** `<reeve-history-use rev=${rev} .settings=${settings}>`: what history takes of its disk, tier by tier; read anew with each `rev`. */
export class ReeveHistoryUse extends LitElement {
  static override properties = {
    rev: { type: Number },
    settings: { attribute: false },
    _storage: { state: true },
    _unread: { state: true },
  };
  declare rev: number;
  declare _storage: Storage | undefined;
  declare _unread: unknown;
  declare settings: Settings | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 12px;
        max-width: 640px;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 12px;
        margin-bottom: 4px;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      th,
      td {
        padding: 6px 8px;
        border-bottom: 1px solid var(--reeve-line);
        text-align: left;
        font-weight: 400;
      }
      thead th {
        color: var(--reeve-muted);
      }
      .number {
        text-align: right;
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('rev')) void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this._storage = await call('GET /api/v1/settings/history/storage');
      this._unread = undefined;
    } catch (error) {
      this._unread = error;
    }
  }

  override render() {
    const { _storage: storage, settings } = this;
    if (this._unread)
      return failureNotice(msg('What history takes could not be read'), this._unread, {
        again: () => void this.#load(),
      });
    if (!storage || !settings) return nothing;
    return html`${this.#budget(storage)}
      <table>
        <thead>
          <tr>
            <th scope="col">${msg('Resolution')}</th>
            <th scope="col" class="number">${msg('Kept for')}</th>
            <th scope="col" class="number">${msg('On the disk')}</th>
            <th scope="col">${msg('Since')}</th>
          </tr>
        </thead>
        <tbody>
          ${storage.tiers.map((tier) => this.#tier(tier, settings))}
        </tbody>
      </table>
      <p class="quiet">${wearText(storage)}</p>
      ${storage.damaged.length > 0 ? damaged(storage) : nothing}`;
  }

  #budget({ bytes, budgetBytes }: Storage) {
    const share = bytes / budgetBytes;
    const level = shareLevel(share, BUDGET);
    const text = formatValue(share, '1');
    return html`<div>
      <div class="line">
        <span>${msg('Disk for history')}</span>
        <span class="value">
          <span class="quiet">${formatOf(bytes, budgetBytes)} ·</span>
          ${level === 'ok' ? text : html`<reeve-state level=${level} word=${text}></reeve-state>`}
        </span>
      </div>
      <reeve-bar label=${msg('Disk for history')} .value=${share} .thresholds=${BUDGET}></reeve-bar>
      ${level === 'ok' ? nothing : html`<p>${msg('At 100 % the oldest values go. Give history more disk, or keep values shorter.')}</p>`}
    </div>`;
  }

  #tier({ tier, bytes, oldestAt }: Tier, settings: Settings) {
    return html`<tr>
      <th scope="row">${tierWord(tier)}</th>
      <td class="number value">${formatSpan(keptMs(tier, settings))}</td>
      <td class="number value">${formatValue(bytes, 'By')}</td>
      <td>${oldestAt === undefined ? NOTHING : html`<reeve-time .at=${oldestAt}></reeve-time>`}</td>
    </tr>`;
  }
}
customElements.define('reeve-history-use', ReeveHistoryUse);

function tierWord(tier: Tier['tier']): string {
  const words = { raw: msg('As they came'), '1m': msg('1 minute'), '5m': msg('5 minutes'), '1h': msg('1 hour') };
  return words[tier];
}

function keptMs(tier: Tier['tier'], { rawHours, minuteDays, fiveMinuteDays, hourDays }: Settings): number {
  const hours = { raw: rawHours, '1m': minuteDays * 24, '5m': fiveMinuteDays * 24, '1h': hourDays * 24 };
  return hours[tier] * HOUR_MS;
}

const wearText = ({ lowWear: { isOn, reason } }: Storage): string =>
  isOn
    ? msg('The storage is spared: history is written less often ({reason}).', { reason })
    : msg('History is written within seconds ({reason}).', { reason });

const damaged = ({
  damaged: found,
}: Storage) => html`<reeve-notice kind="warning" heading=${msg('Parts of history were damaged and set aside')}>
  <ul>
    ${found.map(({ file, reason }) => html`<li>${file}: ${reason}</li>`)}
  </ul>
</reeve-notice>`;

declare global {
  interface HTMLElementTagNameMap {
    'reeve-history-use': ReeveHistoryUse;
  }
}
