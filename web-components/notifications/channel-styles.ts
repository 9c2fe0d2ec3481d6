import { type CSSResult, css } from 'lit';

/** One place below the other, each with its switch, its test and what there is to say of it. */
export const channelStyles: CSSResult = css`
  :host {
    display: grid;
    gap: 24px;
    max-width: 860px;
  }
  .channels {
    border-top: 1px solid var(--reeve-line);
  }
  li {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 4px 16px;
    align-items: center;
    padding: 10px 0;
    border-bottom: 1px solid var(--reeve-line);
  }
  .who {
    display: flex;
    align-items: center;
    gap: 12px;
    min-width: 0;
  }
  .name {
    display: grid;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .does {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  .notes {
    grid-column: 1 / -1;
    display: grid;
    gap: 4px;
    overflow-wrap: anywhere;
  }
  .notes p {
    padding-left: 48px;
  }
  .answer {
    font-size: 13px;
  }
  section {
    display: grid;
    gap: 8px;
  }
  .kinds {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  @media (max-width: 480px) {
    .notes p {
      padding-left: 0;
    }
  }
`;
