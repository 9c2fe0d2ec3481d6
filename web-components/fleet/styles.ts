import { type CSSResult, css } from 'lit';

/** The fleet page: trouble at the right on wide screens, before the tiles on small ones. */
export const fleetStyles: CSSResult = css`
  :host {
    display: block;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 16px;
    margin-bottom: 16px;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  .tools input {
    width: 180px;
  }
  .tools select {
    width: auto;
    max-width: 160px;
  }
  .tools input,
  .tools select {
    min-height: 32px;
    padding: 4px 10px;
  }
  .columns {
    display: flex;
    align-items: flex-start;
    gap: 24px;
  }
  .hosts {
    flex: 1;
    min-width: 0;
  }
  aside {
    order: 2;
    flex: 0 0 280px;
    display: grid;
    gap: 24px;
  }
  reeve-discovered:not([filled]) {
    display: none;
  }
  aside:not(:has(reeve-attention, reeve-recent-alerts, reeve-discovered[filled])) {
    display: none;
  }
  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(248px, 1fr));
    gap: 12px;
  }
  @media (max-width: 1099px) {
    .columns {
      flex-direction: column;
      align-items: stretch;
    }
    aside {
      order: 0;
      flex: none;
    }
  }
  @media (max-width: 719px) {
    .tools:not(:has(select ~ select)) {
      flex-wrap: nowrap;
    }
    .tools input {
      flex: 1;
      min-width: 0;
      width: 120px;
    }
    .tools select {
      max-width: 112px;
    }
    .tools .primary span {
      display: none;
    }
    .tools,
    .head reeve-summary {
      flex: 1 1 100%;
    }
  }
`;
