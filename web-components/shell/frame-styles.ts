import { type CSSResult, css } from 'lit';

/** Rail with words from 1,100 px, with icons below, a bar at the bottom below 720 px. */
export const frameStyles: CSSResult = css`
  :host {
    display: grid;
    grid-template: 'rail top' 48px 'rail page' 1fr / 176px minmax(0, 1fr);
    min-height: 100dvh;
  }
  .skip {
    position: fixed;
    top: 8px;
    left: 8px;
    z-index: 30;
    padding: 8px 16px;
    border-radius: var(--reeve-radius);
    background: var(--reeve-raised);
    transform: translateY(-200%);
  }
  .skip:focus {
    transform: none;
  }
  nav {
    grid-area: rail;
    position: sticky;
    top: 0;
    display: flex;
    flex-direction: column;
    gap: 2px;
    height: 100dvh;
    padding: 0 8px 8px;
    border-right: 1px solid var(--reeve-line);
    background: var(--reeve-surface);
    z-index: 5;
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 8px;
    height: 48px;
    padding: 0 8px;
    margin-bottom: 8px;
    color: var(--reeve-text);
    font-size: 16px;
    text-decoration: none;
  }
  .place {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 36px;
    padding: 0 8px;
    border-radius: var(--reeve-radius);
    color: var(--reeve-muted);
    font-weight: 500;
    text-decoration: none;
  }
  .place:hover {
    background: var(--reeve-line);
    color: var(--reeve-text);
  }
  .place:not([aria-current='false']) {
    background: var(--reeve-line);
    color: var(--reeve-text);
    box-shadow: inset 2px 0 0 var(--reeve-accent);
  }
  .more {
    display: none;
  }
  header {
    grid-area: top;
    position: sticky;
    top: 0;
    z-index: 6;
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 0 16px;
    border-bottom: 1px solid var(--reeve-line);
    background: var(--reeve-ground);
  }
  .site {
    display: flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
    color: var(--reeve-text);
    font-weight: 600;
    text-decoration: none;
  }
  .site span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    max-width: 24ch;
  }
  .site svg {
    display: none;
    flex: none;
  }
  .site.alone {
    display: none;
  }
  .sites {
    margin-left: -8px;
    min-width: 0;
  }
  .sites .name {
    display: inline-block;
    max-width: 24ch;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-weight: 600;
  }
  .search {
    flex: 0 1 320px;
    justify-content: flex-start;
    margin-left: 8px;
    background: var(--reeve-surface);
    border-color: var(--reeve-line);
    color: var(--reeve-muted);
    font-weight: 400;
  }
  kbd {
    margin-left: auto;
    font: 12px var(--reeve-mono);
  }
  .tools {
    display: flex;
    align-items: center;
    gap: 4px;
    margin-left: auto;
  }
  main {
    grid-area: page;
    min-width: 0;
    padding: 16px;
    overflow-x: clip;
  }
  main.grouped {
    display: grid;
    grid-template-columns: 168px minmax(0, 1fr);
    align-content: start;
    align-items: start;
    gap: 24px;
  }
  main:focus-visible {
    outline: none;
  }
  @media (max-width: 899px) {
    main.grouped {
      grid-template-columns: minmax(0, 1fr);
      gap: 12px;
    }
  }
  @media (max-width: 1099px) {
    :host {
      grid-template-columns: 56px minmax(0, 1fr);
    }
    .brand b,
    .place span {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .place {
      justify-content: center;
      padding: 0;
    }
  }
  @media (max-width: 719px) {
    :host {
      grid-template: 'top' 48px 'page' 1fr / minmax(0, 1fr);
    }
    header {
      padding: 0 8px;
      gap: 4px;
    }
    .site svg {
      display: block;
    }
    .site.alone {
      display: flex;
    }
    .sites {
      margin-left: 0;
    }
    .sites .name {
      max-width: 11ch;
    }
    .search {
      flex: none;
      margin-left: auto;
      background: none;
      border-color: transparent;
      padding: 4px 8px;
      color: var(--reeve-text);
    }
    .search span,
    .search kbd {
      display: none;
    }
    .tools {
      margin-left: 0;
    }
    nav {
      position: fixed;
      inset: auto 0 0;
      flex-direction: row;
      justify-content: space-around;
      height: auto;
      padding: 4px 4px calc(4px + env(safe-area-inset-bottom));
      border-right: 0;
      border-top: 1px solid var(--reeve-line);
    }
    .brand,
    .place.extra {
      display: none;
    }
    .place,
    .more {
      display: flex;
      flex: 1;
      flex-direction: column;
      justify-content: center;
      gap: 0;
      min-height: 48px;
      font-size: 12px;
    }
    .place span {
      position: static;
      width: auto;
      height: auto;
      clip-path: none;
    }
    .place:not([aria-current='false']) {
      box-shadow: inset 0 2px 0 var(--reeve-accent);
    }
    main {
      padding: 12px 12px calc(80px + env(safe-area-inset-bottom));
    }
  }
`;
