import { css, html, LitElement, nothing } from 'lit';
import { THRESHOLDS } from '../condition.ts';
import { formatOf, formatValue } from '../format.ts';
import { msg } from '../msg.ts';
import '../parts/bar.ts';
import { shareLevel } from '../parts/levels.ts';
import '../parts/state-icon.ts';
import { base } from '../parts/styles.ts';
import { sinceText } from '../times.ts';
import type { Disk } from './disks.ts';

/** `<reeve-disk-list .disks=${disks}>`: file systems as bars with `1.64 TB of 2 TB`, fullest first. */
export class ReeveDiskList extends LitElement {
  static override properties = { disks: { attribute: false }, since: { type: Number } };
  declare disks: readonly Disk[];
  /** When the values were read, for a host that is away: they are dimmed and say so. */
  declare since: number | undefined;

  static override styles = [
    base,
    css`
      h2 {
        font-size: 13px;
        padding: 6px 12px;
      }
      ul {
        display: grid;
        gap: 12px;
        padding: 4px 12px 12px;
      }
      .is-past reeve-bar {
        opacity: 0.5;
      }
      .is-past .value {
        color: var(--reeve-muted);
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0 12px;
        margin-bottom: 4px;
      }
      .line .value {
        display: flex;
        align-items: center;
        gap: 6px;
      }
      .name {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.disks = [];
  }

  override render() {
    return html`<h2>
        ${msg('File systems')}
        ${this.since === undefined ? nothing : html`<span class="quiet">${msg('as of {time}', { time: sinceText(this.since, Date.now()) })}</span>`}
      </h2>
      <ul class=${this.since === undefined ? '' : 'is-past'}>
        ${this.disks.map((disk) => this.#disk(disk))}
      </ul>`;
  }

  #disk({ label, used, usedBytes, totalBytes }: Disk) {
    const level = shareLevel(used, THRESHOLDS.disk);
    const share = formatValue(used, '1');
    return html`<li>
      <div class="line">
        <span class="name">${label}</span>
        <span class="value">
          ${usedBytes !== undefined && totalBytes !== undefined ? html`<span class="quiet">${formatOf(usedBytes, totalBytes)} ·</span>` : nothing}
          ${level === 'ok' ? share : html`<reeve-state level=${level} word=${share}></reeve-state>`}
        </span>
      </div>
      <reeve-bar label=${label} .value=${used} .thresholds=${THRESHOLDS.disk}></reeve-bar>
    </li>`;
  }
}
customElements.define('reeve-disk-list', ReeveDiskList);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-disk-list': ReeveDiskList;
  }
}
