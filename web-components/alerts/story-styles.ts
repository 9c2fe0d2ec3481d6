import { type CSSResult, css } from 'lit';

/** The lists beside and below an alert: a quiet heading, entries under thin lines, values and asides muted. */
export const storyStyles: CSSResult = css`
  h2 {
    margin-bottom: 8px;
    color: var(--reeve-muted);
  }
  li {
    padding: 6px 0;
    border-top: 1px solid var(--reeve-line);
    overflow-wrap: anywhere;
  }
  .value {
    color: var(--reeve-muted);
  }
  b {
    font-weight: 600;
  }
  p {
    color: var(--reeve-muted);
    font-size: 13px;
  }
`;
