import { type CSSResult, css } from 'lit';

/** Type, links, focus and what is only for screen readers; every element begins with it. */
export const base: CSSResult = css`
  :host {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol,
  figure {
    margin: 0;
    padding: 0;
  }
  h1 {
    font-size: 20px;
    line-height: 28px;
    font-weight: 600;
  }
  h2 {
    font-size: 14px;
    line-height: 20px;
    font-weight: 600;
  }
  h3 {
    font-size: 13px;
    line-height: 20px;
    font-weight: 600;
  }
  ul,
  ol {
    list-style: none;
  }
  a {
    color: var(--reeve-accent);
    text-underline-offset: 3px;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 2px solid var(--reeve-accent);
    outline-offset: 2px;
  }
  .quiet {
    color: var(--reeve-muted);
  }
  .value {
    font-family: var(--reeve-mono);
    font-variant-numeric: tabular-nums;
    font-size: 13px;
    white-space: nowrap;
  }
  .for-readers {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** Buttons: plain, `.primary` for the one that goes on, `.danger` for what takes away, `.bare` inside bars. */
export const buttons: CSSResult = css`
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 32px;
    padding: 4px 12px;
    border: 1px solid var(--reeve-line-strong);
    border-radius: var(--reeve-radius);
    background: var(--reeve-raised);
    color: var(--reeve-text);
    font: inherit;
    font-weight: 500;
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
  }
  button:hover,
  .button:hover {
    border-color: var(--reeve-muted);
  }
  button:disabled {
    color: var(--reeve-muted);
    border-color: var(--reeve-line);
    cursor: not-allowed;
  }
  button.primary,
  .button.primary {
    background: var(--reeve-accent);
    border-color: var(--reeve-accent);
    color: var(--reeve-on-accent);
    font-weight: 600;
  }
  button.danger {
    background: var(--reeve-critical);
    border-color: var(--reeve-critical);
    color: var(--reeve-on-critical);
    font-weight: 600;
  }
  button.primary:disabled,
  button.danger:disabled {
    background: var(--reeve-raised);
    border-color: var(--reeve-line);
    color: var(--reeve-muted);
  }
  button.bare {
    border-color: transparent;
    background: transparent;
    padding: 4px 8px;
  }
  button.bare:hover {
    background: var(--reeve-line);
  }
  button[aria-pressed='true'] {
    background: var(--reeve-line);
    border-color: var(--reeve-accent);
  }
  @media (pointer: coarse) {
    button,
    .button {
      min-height: 40px;
    }
  }
`;

/** Inputs, selects and their labels. */
export const fields: CSSResult = css`
  input,
  select,
  textarea {
    width: 100%;
    min-height: 36px;
    padding: 6px 10px;
    border: 1px solid var(--reeve-line-strong);
    border-radius: var(--reeve-radius);
    background: var(--reeve-ground);
    color: var(--reeve-text);
    font: inherit;
  }
  input[type='checkbox'] {
    width: 18px;
    min-height: 18px;
    height: 18px;
    accent-color: var(--reeve-accent);
  }
  input[type='search'] {
    appearance: none;
  }
  input::file-selector-button {
    margin-right: 12px;
    padding: 2px 10px;
    border: 1px solid var(--reeve-line-strong);
    border-radius: 4px;
    background: var(--reeve-raised);
    color: var(--reeve-text);
    font: inherit;
  }
  ::placeholder {
    color: var(--reeve-muted);
    opacity: 1;
  }
  [aria-invalid='true'] {
    border-color: var(--reeve-critical);
  }
  @media (pointer: coarse) {
    input,
    select,
    textarea {
      font-size: 16px;
      min-height: 40px;
    }
  }
`;

/** Head of a page: its name, and what is done with all of it at the other end. */
export const pageHead: CSSResult = css`
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
    margin-bottom: 12px;
  }
`;

/** With `pageHead`, for heads with several buttons: they wrap where there is little room. */
export const wrappingHead: CSSResult = css`
  header {
    flex-wrap: wrap;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
`;

/** What is to be copied as it stands, such as a command or a key, with what belongs to it below. */
export const copied: CSSResult = css`
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
`;
