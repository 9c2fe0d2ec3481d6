import { type CSSResult, css } from 'lit';

/** Tiles of figures, sections below each other with what can be chosen at the right of their heading. */
export const costStyles: CSSResult = css`
  :host {
    display: grid;
    gap: 24px;
    min-width: 0;
  }
  .tiles {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
    gap: 12px;
  }
  .tile {
    padding: 12px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
    min-width: 0;
  }
  .tile dt {
    color: var(--reeve-muted);
    font-size: 13px;
  }
  .tile .figure {
    font: 600 22px/30px var(--reeve-mono);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .tile .more {
    color: var(--reeve-muted);
    font-size: 13px;
    line-height: 18px;
  }
  section {
    display: grid;
    gap: 8px;
    min-width: 0;
  }
  section > header,
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
  }
  .choose {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .choose select {
    width: auto;
  }
  .panel {
    padding: 12px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
    min-width: 0;
  }
  .two {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
    gap: 24px;
    align-items: start;
  }
  .lead {
    max-width: 80ch;
  }
  .below {
    font-size: 12px;
    line-height: 16px;
    color: var(--reeve-muted);
  }
  @media (max-width: 719px) {
    .tiles {
      grid-template-columns: repeat(2, minmax(0, 1fr));
      gap: 8px;
    }
    .tile {
      padding: 8px;
    }
    .tile .figure {
      font-size: 18px;
    }
  }
`;
