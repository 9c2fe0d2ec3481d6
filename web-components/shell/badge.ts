import { type CSSResult, css, html, nothing, type TemplateResult } from 'lit';
import { isWaiting } from '../alerts/level.ts';
import { live } from '../live/live.ts';
import { plural } from '../msg.ts';

/** Of a place in the navigation with a count: at its end, or over its icon where that is all there is room for. */
export const badgeStyles: CSSResult = css`
  .place {
    position: relative;
  }
  .place .badge {
    margin-left: auto;
    min-width: 20px;
    padding: 0 5px;
    border: 1px solid var(--reeve-line-strong);
    border-radius: 9px;
    background: var(--reeve-surface);
    color: var(--reeve-text);
    font: 600 11px/16px var(--reeve-mono);
    text-align: center;
  }
  .place .badge.urgent {
    border-color: var(--reeve-critical);
    background: var(--reeve-critical);
    color: var(--reeve-on-critical);
  }
  @media (max-width: 1099px) {
    .place .badge {
      position: absolute;
      top: 2px;
      left: calc(50% + 4px);
    }
  }
`;

/** How many alerts wait for a person; nothing while none does. */
export function alertBadge(): TemplateResult | typeof nothing {
  const waiting = live().alerts.active.filter(isWaiting);
  if (waiting.length === 0) return nothing;
  const isUrgent = waiting.some(({ severity }) => severity === 'critical' || severity === 'high');
  const says = plural(waiting.length, { one: '{count} waits for somebody', other: '{count} wait for somebody' });
  return html`<b class="badge ${isUrgent ? 'urgent' : ''}" title=${says} aria-hidden="true">${waiting.length}</b
    ><b class="for-readers">, ${says}</b>`;
}
