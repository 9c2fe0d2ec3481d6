import { type CSSResult, css } from 'lit';

/** Columns are the list's own, so that rows in shadow trees of their own stand below each other. */
export const listStyles: CSSResult = css`
  :host {
    display: block;
    --row-columns: 88px minmax(0, 1fr) minmax(80px, 140px) 92px;
    --row-columns-small: [text] 1fr auto;
  }
  :host([acts]) {
    --row-columns: 18px 88px minmax(0, 1fr) minmax(80px, 140px) 92px 24px;
    --row-columns-small: 18px [text] 1fr auto 28px;
  }
  section {
    margin-bottom: 16px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  .head {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 36px;
    padding: 4px 12px;
    color: var(--reeve-muted);
  }
  .head input {
    margin: 0;
  }
  .bulk {
    position: sticky;
    top: 48px;
    z-index: 4;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-bottom: 8px;
    padding: 8px 12px;
    border: 1px solid var(--reeve-accent);
    border-radius: var(--reeve-radius);
    background: var(--reeve-raised);
  }
  .bulk b {
    margin-right: auto;
    font-weight: 600;
  }
  @media (max-width: 719px) {
    .head {
      padding: 4px;
    }
  }
`;
