import { html, svg } from 'lit';
import type { ServiceStretch } from './service-past.ts';

const WIDE = 1_000;

/** The stretches one after the other, as wide as they lasted; the words beside it say the same. */
export function strip(stretches: readonly ServiceStretch[]) {
  const from = stretches[0]?.from ?? 0;
  const span = Math.max(1, (stretches.at(-1)?.to ?? 0) - from);
  const x = (at: number): number => Math.round(((at - from) / span) * WIDE);
  return html`<svg viewBox="0 0 ${WIDE} 10" preserveAspectRatio="none" aria-hidden="true">
    ${stretches.map((each) => svg`<rect class=${each.is} x=${x(each.from)} width=${Math.max(3, x(each.to) - x(each.from))} y="0" height="10"></rect>`)}
  </svg>`;
}
