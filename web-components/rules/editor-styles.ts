import { type CSSResult, css } from 'lit';

/** The form at the left, what it would have done at the right; below each other where there is no room. */
export const editorStyles: CSSResult = css`
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    margin-bottom: 4px;
  }
  h1 {
    overflow-wrap: anywhere;
  }
  .back {
    margin-bottom: 4px;
  }
  .lead {
    margin-bottom: 16px;
    max-width: 80ch;
  }
  .sides {
    display: grid;
    grid-template-columns: minmax(0, 480px) minmax(0, 1fr);
    gap: 32px 40px;
    align-items: start;
    margin-top: 16px;
  }
  .sides.alone {
    grid-template-columns: minmax(0, 640px);
  }
  .side {
    display: grid;
    gap: 32px;
    min-width: 0;
  }
  aside {
    position: sticky;
    top: 64px;
    min-width: 0;
    padding: 16px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  dl {
    display: grid;
    grid-template-columns: minmax(120px, auto) 1fr;
    gap: 6px 16px;
  }
  dt {
    color: var(--reeve-muted);
  }
  dd {
    overflow-wrap: anywhere;
  }
  @media (max-width: 1099px) {
    .sides {
      grid-template-columns: minmax(0, 1fr);
    }
    aside {
      position: static;
    }
  }
`;
