import { css, html, LitElement, nothing } from 'lit';
import type { Subnet } from '../../protocol/network.ts';
import { msg } from '../msg.ts';
import { base, buttons } from '../parts/styles.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { may } from '../session.ts';

/** `<reeve-sweep-bar .subnets=${subnets}>`: how far the sweep is that is under way, with Cancel; nothing while none is. Event `change`. */
export class ReeveSweepBar extends LitElement {
  static override properties = { subnets: { attribute: false } };
  declare subnets: readonly Subnet[];

  static override styles = [
    base,
    buttons,
    css`
      div {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        padding: 8px 12px;
        margin-bottom: 12px;
        border: 1px solid var(--reeve-line);
        border-radius: var(--reeve-radius);
        background: var(--reeve-surface);
      }
      progress {
        width: 180px;
        height: 8px;
        accent-color: var(--reeve-accent);
      }
      span {
        flex: 1 1 160px;
      }
    `,
  ];

  constructor() {
    super();
    this.subnets = [];
  }

  async #cancel(): Promise<void> {
    await tried(async () => {
      await call('POST /api/v1/network/sweeps/cancel', {});
      this.dispatchEvent(new CustomEvent('change'));
    });
  }

  override render() {
    const sweeping = this.subnets.find(({ state }) => state === 'sweeping');
    const waiting = this.subnets.filter(({ state }) => state === 'waiting').length;
    if (!sweeping && waiting === 0) return nothing;
    const { done, of, text } = sweeping?.progress ?? { done: 0, of: 1, text: msg('Waiting for its turn') };
    const share = of > 0 ? Math.min(1, done / of) : 0;
    return html`<div>
      <progress aria-label=${text} .value=${share}></progress>
      <span role="status">${text} <b class="value">${done} / ${of}</b>${waiting > 0 && sweeping ? html` · ${msg('{count} more to go', { count: waiting })}` : nothing}</span>
      ${may('operator') ? html`<button type="button" @click=${this.#cancel}>${msg('Cancel')}</button>` : nothing}
    </div>`;
  }
}
customElements.define('reeve-sweep-bar', ReeveSweepBar);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-sweep-bar': ReeveSweepBar;
  }
}
