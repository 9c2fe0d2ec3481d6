import { type CSSResult, css } from 'lit';

/** Below 640 px of its own width each row becomes a block with its heads as labels, so that nothing scrolls sideways; not with `compact`. */
export const tableStyles: CSSResult = css`
  :host {
    display: block;
    container: stacking / inline-size;
  }
  :host([compact]) {
    container-name: none;
  }
  :host([compact]) thead th {
    white-space: normal;
  }
  .search {
    display: flex;
    align-items: center;
    gap: 12px;
    margin-bottom: 8px;
  }
  .search input {
    max-width: 280px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
  }
  th,
  td {
    padding: 6px 8px;
    border-bottom: 1px solid var(--reeve-line);
    text-align: start;
    font-weight: 400;
    vertical-align: middle;
  }
  thead th {
    color: var(--reeve-muted);
    font-size: 12px;
    font-weight: 500;
    white-space: nowrap;
  }
  thead button {
    min-height: 28px;
    margin: 0 -8px;
    color: inherit;
    font-size: 12px;
    gap: 4px;
  }
  tbody th {
    font-weight: 600;
  }
  tbody th a {
    color: inherit;
    text-decoration: none;
  }
  tbody th a:hover {
    text-decoration: underline;
  }
  .short {
    white-space: nowrap;
  }
  .end {
    text-align: end;
    font-family: var(--reeve-mono);
    font-variant-numeric: tabular-nums;
    font-size: 13px;
    white-space: nowrap;
  }
  thead .end {
    font-family: var(--reeve-sans);
    font-size: 12px;
  }
  .end button {
    flex-direction: row-reverse;
  }
  tbody tr:hover {
    background: var(--reeve-surface);
  }
  .none {
    padding: 16px 8px;
  }
  .several {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
  }
  .marked {
    display: flex;
    align-items: baseline;
    gap: 8px;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .two-lines {
    display: grid;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .two-lines small {
    font-size: 12px;
    font-weight: 400;
  }
  @container stacking (max-width: 640px) {
    thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    table,
    tbody {
      display: block;
    }
    tbody tr {
      display: grid;
      grid-template-columns: 1fr;
      padding: 8px 0;
      border-bottom: 1px solid var(--reeve-line);
    }
    tbody th,
    tbody td {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      gap: 0 12px;
      padding: 2px 0;
      border: 0;
    }
    tbody td:empty {
      display: none;
    }
    tbody th {
      order: -1;
    }
    td::before {
      content: attr(data-title);
      color: var(--reeve-muted);
      font-family: var(--reeve-sans);
    }
  }
`;
