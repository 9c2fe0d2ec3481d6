import { type CSSResult, css } from 'lit';

/** A host at a glance: head, one line about it, and rows of what it does. */
export const cardStyles: CSSResult = css`
  :host {
    display: block;
  }
  article {
    position: relative;
    height: 100%;
    padding: 12px;
    border: 1px solid var(--reeve-line);
    border-radius: var(--reeve-radius);
    background: var(--reeve-surface);
  }
  article:hover {
    border-color: var(--reeve-line-strong);
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
  }
  header reeve-state {
    flex: none;
    font-size: 13px;
  }
  h2 {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 15px;
  }
  a {
    color: inherit;
    text-decoration: none;
  }
  a::after {
    content: '';
    position: absolute;
    inset: 0;
    border-radius: var(--reeve-radius);
  }
  a:focus-visible {
    outline: none;
  }
  a:focus-visible::after {
    outline: 2px solid var(--reeve-accent);
    outline-offset: 1px;
  }
  .about {
    margin-bottom: 8px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 13px;
  }
  dl {
    display: grid;
    gap: 4px;
  }
  dl > div {
    display: grid;
    grid-template-columns: 56px minmax(0, 1fr) 52px;
    align-items: center;
    gap: 8px;
    min-height: 20px;
  }
  dt {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--reeve-muted);
    font-size: 13px;
  }
  .value {
    text-align: end;
  }
  .warning {
    color: var(--reeve-warning);
  }
  .critical {
    color: var(--reeve-critical);
  }
  /* Two rates of eleven characters need nearly the whole width of the narrowest card. */
  dl > .network {
    grid-template-columns: auto minmax(0, 1fr);
  }
  .rates {
    display: grid;
    grid-template-columns: repeat(2, minmax(max-content, 1fr));
    gap: 8px;
    white-space: nowrap;
  }
  .is-past .picture {
    opacity: 0.5;
  }
  .is-past .value {
    color: var(--reeve-muted);
  }
`;
