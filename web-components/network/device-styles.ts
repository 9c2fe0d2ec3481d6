import { type CSSResult, css } from 'lit';

/** What the page of one device has beside its two columns. */
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
`;
