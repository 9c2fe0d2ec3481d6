import { type CSSResult, css } from 'lit';

/** How often a rule would have fired: a number, bars by day, a list to choose from, a chart. */
export const previewStyles: CSSResult = css`
  :host {
    display: grid;
    gap: 12px;
    align-content: start;
    min-width: 0;
  }
  h2 {
    color: var(--reeve-muted);
  }
  .count {
    font-size: 16px;
    line-height: 24px;
    font-weight: 600;
  }
  .busy {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  progress {
    width: 80px;
    height: 4px;
    accent-color: var(--reeve-accent);
  }
  .is-old {
    opacity: 0.6;
  }
  .found {
    display: grid;
    gap: 12px;
    min-width: 0;
  }
  figure svg {
    display: block;
    width: 100%;
    height: 48px;
  }
  rect.some {
    fill: var(--reeve-info-mark);
  }
  rect.none {
    fill: var(--reeve-line-strong);
  }
  figcaption {
    display: flex;
    justify-content: space-between;
    font-size: 12px;
  }
  .episodes {
    display: grid;
  }
  .episodes button {
    display: grid;
    grid-template-columns: auto 1fr auto;
    gap: 12px;
    width: 100%;
    text-align: start;
    font-weight: 400;
    white-space: normal;
  }
  .episodes .name {
    overflow-wrap: anywhere;
    min-width: 0;
  }
  .notes {
    font-size: 12px;
  }
  reeve-episode-chart {
    display: block;
    min-width: 0;
    --reeve-chart-height: 200px;
  }
  @media (max-width: 480px) {
    .episodes button {
      grid-template-columns: 1fr auto;
      gap: 0 12px;
    }
    .episodes .value {
      grid-column: 1 / -1;
    }
  }
`;
