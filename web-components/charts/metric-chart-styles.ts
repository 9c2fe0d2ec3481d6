import { type CSSResult, css } from 'lit';

export const metricChartStyles: CSSResult = css`
  :host {
    display: block;
    min-width: 0;
    contain: layout;
  }
  figcaption {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    min-height: 32px;
  }
  h2 {
    font-size: 13px;
    padding-left: 12px;
  }
  select {
    margin-left: 4px;
    padding: 4px 6px;
    border: 1px solid transparent;
    border-radius: 4px;
    background: transparent;
    color: var(--reeve-text);
    font: inherit;
    font-weight: 600;
    font-size: 13px;
    field-sizing: content;
  }
  option {
    background: var(--reeve-raised);
  }
  select:hover {
    border-color: var(--reeve-line-strong);
  }
  .tools {
    display: flex;
    opacity: 0.75;
  }
  .tools button {
    padding: 4px;
  }
  .tools:hover,
  .tools:focus-within {
    opacity: 1;
  }
  .chart {
    position: relative;
  }
  .over {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    padding: 0 16px;
    text-align: center;
    pointer-events: none;
  }
  .failure {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    padding: 4px 4px 0 12px;
    font-size: 13px;
    overflow-wrap: anywhere;
  }
  .failure span {
    flex: 1 1 200px;
  }
  .more {
    margin-left: 4px;
    color: var(--reeve-muted);
    font-size: 12px;
  }
  .unseen {
    min-height: calc(var(--reeve-chart-height, 168px) + 32px);
  }
`;
