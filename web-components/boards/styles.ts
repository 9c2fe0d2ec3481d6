import { type CSSResult, css } from 'lit';

/** Panels beside each other by their width; on a telephone each takes all of it. */
export const boardStyles: CSSResult = css`
  :host {
    display: block;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    margin-bottom: 16px;
  }
  header h1 {
    flex: 1 1 160px;
    overflow-wrap: anywhere;
  }
  header select {
    flex: 0 1 auto;
    width: auto;
    min-width: 0;
    max-width: 240px;
  }
  .grid {
    display: grid;
    grid-template-columns: repeat(6, minmax(0, 1fr));
    gap: 12px;
  }
  .panel {
    grid-column: span 3;
    display: grid;
    align-content: start;
    gap: 8px;
    min-width: 0;
    padding: 12px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  .panel.third {
    grid-column: span 2;
  }
  .panel.full {
    grid-column: 1 / -1;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    padding-bottom: 8px;
    border-bottom: 1px solid var(--reeve-line);
  }
  .tools select {
    width: auto;
    min-height: 32px;
    padding: 4px 8px;
  }
  reeve-notice {
    margin-bottom: 16px;
  }
  @media (max-width: 1099px) {
    .panel.third {
      grid-column: span 3;
    }
  }
  @media (max-width: 719px) {
    .panel,
    .panel.third,
    .panel.full {
      grid-column: 1 / -1;
    }
  }
`;
