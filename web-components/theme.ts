import { type CSSResult, css } from 'lit';

const dark = css`
  color-scheme: dark;
  --reeve-ground: #0b0e13;
  --reeve-surface: #12161d;
  --reeve-raised: #181d26;
  --reeve-line: #242b36;
  --reeve-line-strong: #5b6675;
  --reeve-text: #e6eaf0;
  --reeve-muted: #98a3b3;
  --reeve-ok: #4ade80;
  --reeve-warning: #facc15;
  --reeve-high: #fb923c;
  --reeve-critical: #f87171;
  --reeve-accent: #60a5fa;
  --reeve-unknown: #9ca3af;
  --reeve-mark-outline: transparent;
  --reeve-on-accent: #0b0e13;
  --reeve-on-critical: #0b0e13;
  --reeve-quantity: #7c8899;
  --reeve-float: 0 8px 24px rgb(0 0 0 / 55%);
`;

const light = css`
  color-scheme: light;
  --reeve-ground: #f6f7f9;
  --reeve-surface: #ffffff;
  --reeve-raised: #ffffff;
  --reeve-line: #dfe3e8;
  --reeve-line-strong: #8a94a3;
  --reeve-text: #10151c;
  --reeve-muted: #55606e;
  --reeve-ok: #15803d;
  --reeve-warning: #854d0e;
  --reeve-high: #c2410c;
  --reeve-critical: #b91c1c;
  --reeve-accent: #1d4ed8;
  --reeve-unknown: #4b5563;
  --reeve-mark-outline: currentColor;
  --reeve-on-accent: #ffffff;
  --reeve-on-critical: #ffffff;
  --reeve-quantity: #8590a0;
  --reeve-float: 0 8px 24px rgb(16 21 28 / 18%);
`;

/** Colours, type and measures as custom properties on the document; dark first, light by system or by choice. */
export const tokens: CSSResult = css`
  :root {
    ${dark}
    --reeve-ok-mark: #22c55e;
    --reeve-warning-mark: #eab308;
    --reeve-high-mark: #f97316;
    --reeve-critical-mark: #ef4444;
    --reeve-info-mark: #3b82f6;
    --reeve-unknown-mark: #6b7280;
    --reeve-radius: 8px;
    --reeve-sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif;
    --reeve-mono: ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', 'DejaVu Sans Mono', monospace;
  }
  @media (prefers-color-scheme: light) {
    :root:not([data-theme]) {
      ${light}
    }
  }
  :root[data-theme='light'] {
    ${light}
  }
  @media (prefers-contrast: more) {
    :root {
      --reeve-muted: var(--reeve-text);
      --reeve-line: var(--reeve-line-strong);
    }
  }
  html {
    background: var(--reeve-ground);
    color: var(--reeve-text);
    font: 14px / 20px var(--reeve-sans);
    -webkit-text-size-adjust: 100%;
  }
  body {
    margin: 0;
    min-width: 320px;
  }
  @media (prefers-reduced-motion: reduce) {
    html {
      scroll-behavior: auto;
    }
  }
`;

/** What the person chose; `system` follows the operating system. */
export type ThemeChoice = 'system' | 'dark' | 'light';

const KEY = 'reeve-theme';
const listeners = new Set<() => void>();

/** The stored choice; storage may be closed to us (private windows), then it is `system`. */
export function themeChoice(): ThemeChoice {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'dark' || chosen === 'light' ? chosen : 'system';
}

/** Applies a choice and keeps a copy on this device, so that the first picture after the next visit has these colours already. */
export function applyTheme(choice: ThemeChoice): void {
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // Storage is closed: the choice holds until the page is left.
  }
  for (const listener of listeners) listener();
}

/** Calls `listener` when colours change, by choice or by the system: canvases have to be painted again. */
export function onThemeChange(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: light)');
  listeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener('change', listener);
  };
}

/** Puts the tokens on the document and applies the stored choice; called once, before anything is drawn. */
export function installTheme(): void {
  if (tokens.styleSheet) document.adoptedStyleSheets = [...document.adoptedStyleSheets, tokens.styleSheet];
  try {
    const stored = localStorage.getItem(KEY);
    if (stored === 'dark' || stored === 'light') document.documentElement.dataset.theme = stored;
  } catch {
    // Storage is closed: the system decides.
  }
}
