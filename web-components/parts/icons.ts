import { html, svg, type TemplateResult } from 'lit';

const shapes = {
  menu: svg`<path d="M3 5h14M3 10h14M3 15h14"/>`,
  search: svg`<circle cx="9" cy="9" r="5"/><path d="m13 13 4 4"/>`,
  more: svg`<path d="M4.5 10h.01M10 10h.01M15.5 10h.01" stroke-width="2.6"/>`,
  close: svg`<path d="m5 5 10 10M15 5 5 15"/>`,
  copy: svg`<rect x="7" y="7" width="9" height="9" rx="1.5"/><path d="M13 7V5.5A1.5 1.5 0 0 0 11.5 4h-6A1.5 1.5 0 0 0 4 5.5v6A1.5 1.5 0 0 0 5.5 13H7"/>`,
  check: svg`<path d="m4 10.5 4 4 8-9"/>`,
  plus: svg`<path d="M10 4v12M4 10h12"/>`,
  back: svg`<path d="M12 4 6 10l6 6"/>`,
  fleet: svg`<rect x="3" y="3.5" width="6" height="5.5" rx="1.5"/><rect x="11" y="3.5" width="6" height="5.5" rx="1.5"/><rect x="3" y="11" width="6" height="5.5" rx="1.5"/><rect x="11" y="11" width="6" height="5.5" rx="1.5"/>`,
  settings: svg`<path d="M3 6h7M14 6h3M3 14h3M10 14h7"/><circle cx="12" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>`,
  agents: svg`<rect x="3" y="4" width="14" height="5" rx="1.5"/><rect x="3" y="11" width="14" height="5" rx="1.5"/><path d="M6 6.5h.01M6 13.5h.01" stroke-width="2.2"/>`,
  network: svg`<circle cx="10" cy="4.5" r="2"/><circle cx="4.5" cy="15.5" r="2"/><circle cx="15.5" cy="15.5" r="2"/><path d="M10 6.5V10M4.5 13.5V10h11v3.5"/>`,
  energy: svg`<path d="M11 2.5 4.5 11.5H10l-1 6 6.5-9H10z"/>`,
  bell: svg`<path d="M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13z"/><path d="M8.5 17.5h3"/>`,
  theme: svg`<circle cx="10" cy="10" r="6.5"/><path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor"/>`,
  person: svg`<circle cx="10" cy="7" r="3"/><path d="M4 17a6 6 0 0 1 12 0"/>`,
  pause: svg`<path d="M7 5v10M13 5v10" stroke-width="2.4"/>`,
  play: svg`<path d="M7 4.5v11l8-5.5z" fill="currentColor"/>`,
  cards: svg`<rect x="3" y="3.5" width="14" height="5.5" rx="1.5"/><rect x="3" y="11" width="14" height="5.5" rx="1.5"/>`,
  table: svg`<path d="M3 5h14M3 10h14M3 15h14M8 5v10"/>`,
  clock: svg`<circle cx="10" cy="10" r="6.5"/><path d="M10 6.5V10l2.5 2"/>`,
  late: svg`<path d="M4 6.5A7 7 0 1 1 3.2 12"/><path d="M4 3v3.7h3.7M10 7v3.2l2.2 1.6"/>`,
  waves: svg`<path d="M2.5 13V7h3v6h3V7h3v6h3V7h3"/>`,
  layers: svg`<path d="m10 3.5 7 3.7-7 3.7-7-3.7z"/><path d="m3 11.3 7 3.7 7-3.7"/>`,
  dash: svg`<path d="M4 10h3M9 10h2M13 10h3" stroke-width="2.2"/>`,
  keyboard: svg`<rect x="2.5" y="5" width="15" height="10" rx="1.5"/><path d="M5.5 8h.01M8.5 8h.01M11.5 8h.01M14.5 8h.01M6.5 12h7"/>`,
  show: svg`<path d="M2.5 10S5.5 5 10 5s7.5 5 7.5 5-3 5-7.5 5-7.5-5-7.5-5z"/><circle cx="10" cy="10" r="2"/>`,
} as const;

export type IconName = keyof typeof shapes;

/** A line drawing of 20 × 20 in the colour of the text; says nothing to screen readers, so its button needs a label. */
export const icon = (name: IconName): TemplateResult => html`<svg
  viewBox="0 0 20 20"
  width="20"
  height="20"
  fill="none"
  stroke="currentColor"
  stroke-width="1.6"
  stroke-linecap="round"
  stroke-linejoin="round"
  aria-hidden="true"
  focusable="false"
>
  ${shapes[name]}
</svg>`;
