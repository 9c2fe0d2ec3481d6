import { html, type TemplateResult } from 'lit';

/** The mark of Reeve, in the accent colour. */
export const logo = (): TemplateResult => html`<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
  <g fill="none" stroke="var(--reeve-accent)" stroke-width="2.4"><circle cx="12" cy="12" r="9" /></g>
  <path d="M12 12V3a9 9 0 0 1 9 9z" fill="var(--reeve-accent)" />
</svg>`;
