import { type CSSResult, css } from 'lit';

/** What the page of one alert has beside its two columns; on a narrow one trouble comes first. */
export const alertPageStyles: CSSResult = css`
  h1 {
    display: flex;
    align-items: center;
    gap: 10px;
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
