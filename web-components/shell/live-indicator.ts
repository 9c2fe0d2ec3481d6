import { css, html, LitElement } from 'lit';
import { linkWords } from '../live/link-words.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg } from '../msg.ts';
import '../parts/state-icon.ts';
import { base, buttons } from '../parts/styles.ts';

/** `<reeve-live-indicator>`: whether what is shown is now; a click pauses all charts and lets them run again. */
export class ReeveLiveIndicator extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      button {
        gap: 6px;
      }
      reeve-state {
        font-size: 13px;
      }
      @media (max-width: 400px) {
        button {
          padding: 4px;
        }
      }
    `,
  ];

  constructor() {
    super();
    new Follow(this, () => [live().connection, live().switch]);
  }

  override render() {
    const { connection, switch: charts, fleet } = live();
    const { level, word } = linkWords(connection.state, connection.staleSince, charts.pausedAt);
    const isPaused = charts.pausedAt !== undefined;
    const hint = isPaused
      ? msg('Charts stand still; values are still recorded. Click to go on.')
      : msg('Click to pause all charts.');
    return html`<button class="bare" type="button" aria-pressed=${isPaused} title=${hint} @click=${() => charts.toggle(fleet.now())}>
      <reeve-state level=${level} word=${word}></reeve-state>
    </button>`;
  }
}
customElements.define('reeve-live-indicator', ReeveLiveIndicator);

declare global {
  interface HTMLElementTagNameMap {
    'reeve-live-indicator': ReeveLiveIndicator;
  }
}
