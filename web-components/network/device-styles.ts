import { type CSSResult, css } from 'lit';

/** The page of one device: history and ports at the left, what it is and what is told of it at the right; one column below 1100 px. */
export const devicePageStyles: CSSResult = css`
  :host {
    display: block;
  }
  .back {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    margin-bottom: 8px;
    color: var(--reeve-muted);
    text-decoration: none;
  }
  .back:hover {
    color: var(--reeve-text);
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-start;
    justify-content: space-between;
    gap: 12px 24px;
    margin-bottom: 16px;
  }
  h1 {
    overflow-wrap: anywhere;
  }
  .who {
    min-width: 0;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 340px;
    gap: 12px 24px;
    align-items: start;
  }
  .main,
  .side {
    display: grid;
    gap: 12px;
    min-width: 0;
  }
  section {
    min-width: 0;
    padding: 12px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  section h2 {
    margin-bottom: 8px;
    color: var(--reeve-muted);
  }
  section > p + button {
    margin-top: 8px;
  }
  ul {
    display: grid;
    gap: 8px;
  }
  dl {
    display: grid;
    gap: 8px;
    margin: 0 0 8px;
  }
  dt {
    color: var(--reeve-muted);
    font-size: 12px;
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  @media (max-width: 1099px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
