import { type CSSResult, css, html, nothing } from 'lit';

/** For `progressLine`, and for what stands in its place or beside it as `.line`. */
export const lineStyles: CSSResult = css`
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    overflow-wrap: anywhere;
  }
  progress {
    width: 160px;
    height: 8px;
    accent-color: var(--reeve-accent);
  }
`;

/** What is under way, and how far it is as a share of 1; `more` at the end, such as Cancel. */
export const progressLine = (
  words: string,
  share: number,
  more: unknown = nothing,
) => html`<div class="line" role="status">
  <progress aria-label=${words} .value=${share}></progress>
  ${words} <span class="value">${Math.floor(share * 100)} %</span> ${more}
</div>`;
