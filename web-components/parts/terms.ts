import { type CSSResult, css, html } from 'lit';

/** A `<dl>` of `term`s, in as many columns as there is room for. */
export const termStyles: CSSResult = css`
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(220px, 1fr));
    gap: 12px 24px;
  }
  dt {
    color: var(--reeve-muted);
  }
  dd {
    overflow-wrap: anywhere;
  }
`;

/** What it is called, and below what it is. */
export const term = (name: string, value: unknown) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
