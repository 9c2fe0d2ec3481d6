import { type CSSResult, css } from 'lit';

/** The dialog that adds a host: the command as it is to be copied, and what becomes of it. */
export const addHostStyles: CSSResult = css`
  .body {
    display: grid;
    gap: 12px;
  }
  pre {
    margin: 0;
    padding: 12px;
    max-height: 200px;
    overflow: auto;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-ground);
    font: 13px/20px var(--reeve-mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    user-select: all;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
  }
  .wait {
    font-variant-numeric: tabular-nums;
  }
  .joined {
    font-size: 16px;
  }
`;
