import { type CSSResult, css } from 'lit';

/** Rows of services: state, name, what became of it, what can be done; one below the other on a phone. */
export const serviceStyles: CSSResult = css`
  :host {
    display: grid;
    gap: 24px;
    max-width: 1100px;
  }
  h2 {
    margin-bottom: 4px;
    color: var(--reeve-muted);
  }
  ul {
    margin-top: 8px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  li {
    display: grid;
    grid-template-columns: 112px minmax(0, 2fr) minmax(0, 3fr) auto;
    align-items: center;
    gap: 4px 16px;
    padding: 8px 12px;
  }
  li + li {
    border-top: 1px solid var(--reeve-line);
  }
  .name {
    display: grid;
    overflow-wrap: anywhere;
  }
  b {
    font-weight: 600;
  }
  small {
    font-size: 12px;
  }
  .past {
    display: grid;
    gap: 4px;
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: flex-end;
    gap: 4px 8px;
  }
  label {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  svg {
    width: 100%;
    height: 10px;
    border-radius: 2px;
    background: var(--reeve-ground);
  }
  rect.up {
    fill: var(--reeve-line-strong);
  }
  rect.partly {
    fill: var(--reeve-warning-mark);
  }
  rect.down {
    fill: var(--reeve-critical-mark);
  }
  rect.unknown {
    fill: none;
  }
  summary {
    min-height: 24px;
    cursor: pointer;
  }
  @media (max-width: 719px) {
    li {
      grid-template-columns: 96px minmax(0, 1fr);
    }
    .past,
    .acts {
      grid-column: 1 / -1;
      justify-content: flex-start;
    }
  }
`;
