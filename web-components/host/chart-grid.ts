import { type CSSResult, css } from 'lit';

/** Charts of a host beside each other, as many as there is room for, each in a `<section>`. */
export const chartGrid: CSSResult = css`
  .charts {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr));
    gap: 12px;
  }
  section {
    min-width: 0;
    padding: 4px 4px 8px 0;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
`;
