import { type CSSResult, css } from 'lit';

/** Rows of what is set, how it stands, and what changes it. */
export const accountStyles: CSSResult = css`
  :host {
    display: grid;
    gap: 24px;
    max-width: 960px;
  }
  section {
    display: grid;
    gap: 8px;
  }
  .rows > div {
    display: grid;
    grid-template-columns: 160px minmax(0, 1fr) auto;
    align-items: center;
    gap: 4px 16px;
    min-height: 64px;
    padding: 12px 0;
    border-top: 1px solid var(--reeve-line);
  }
  .rows > div:last-child {
    border-bottom: 1px solid var(--reeve-line);
  }
  .rows h2 {
    color: var(--reeve-muted);
  }
  .name {
    font-weight: 600;
  }
  .choices {
    display: flex;
  }
  .choices button {
    margin-left: -1px;
    border-radius: 0;
  }
  .choices button[aria-pressed='true'] {
    z-index: 1;
  }
  .choices button:first-child {
    border-radius: var(--reeve-radius) 0 0 var(--reeve-radius);
  }
  .choices button:last-child {
    border-radius: 0 var(--reeve-radius) var(--reeve-radius) 0;
  }
  @media (max-width: 719px) {
    .rows > div {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .rows h2 {
      grid-column: 1 / -1;
    }
    .choices {
      grid-column: 1 / -1;
    }
  }
`;
