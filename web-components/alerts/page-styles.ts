import { type CSSResult, css } from 'lit';

/** What the page of one alert has beside its two columns; on a narrow one trouble comes first. */
export const alertPageStyles: CSSResult = css`
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
    display: flex;
    align-items: center;
    gap: 10px;
    overflow-wrap: anywhere;
  }
  .who {
    min-width: 0;
  }
  .critical {
    color: var(--reeve-critical);
  }
  .high {
    color: var(--reeve-high);
  }
  .warning {
    color: var(--reeve-warning);
  }
  .low {
    color: var(--reeve-accent);
  }
  .reason {
    margin-bottom: 8px;
    font-size: 15px;
    overflow-wrap: anywhere;
  }
  .quiet b {
    color: var(--reeve-text);
    font-weight: 500;
  }
  dl {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 32px;
    margin-top: 8px;
  }
  dt {
    color: var(--reeve-muted);
    font-size: 12px;
  }
  .chart {
    padding: 4px 4px 8px 0;
    --reeve-chart-height: 240px;
  }
  .chart > a {
    display: inline-block;
    padding: 4px 12px 0;
    font-size: 13px;
  }
  @media (max-width: 1099px) {
    .columns {
      display: flex;
      flex-direction: column;
      align-items: stretch;
      gap: 12px;
    }
    .main,
    .side {
      display: contents;
    }
    .last {
      order: 1;
    }
  }
  @media (max-width: 719px) {
    .buttons {
      width: 100%;
    }
    .buttons button {
      flex: 1 1 40%;
    }
  }
`;
