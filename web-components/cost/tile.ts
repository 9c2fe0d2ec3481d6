import { html } from 'lit';

/** One figure of a `<dl class="tiles">` in `costStyles`, with lines below it; empty ones are left out. */
export const tile = (title: string, figure: string, lines: readonly unknown[]) => html`<div class="tile">
  <dt>${title}</dt>
  <dd class="figure">${figure}</dd>
  ${lines.filter((line) => line !== '').map((line) => html`<dd class="more">${line}</dd>`)}
</div>`;
