import { type CSSResult, css } from 'lit';

/** One step: heading, what it is about, form. */
export const stepStyles: CSSResult = css`
  :host {
    display: grid;
    gap: 16px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
`;
