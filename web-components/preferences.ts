import type { Preferences } from '../protocol/routes/dashboard.ts';
import { call } from './rest.ts';
import { applyTheme, type ThemeChoice } from './theme.ts';

let kept: Preferences = {};
const listeners = new Set<() => void>();

function keep(next: Preferences): void {
  kept = next;
  for (const listener of [...listeners]) listener();
}

/** Calls `listener` when they are read or changed; the answer takes it off again. */
export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** What the person chose, on this device or another; empty until it was read. */
export const preferences = (): Preferences => kept;

/** Reads what the appliance keeps of the person who signed in, and applies the colours. What cannot be read stays as it is. */
export async function loadPreferences(): Promise<void> {
  keep(await call('GET /api/v1/account/preferences').catch(() => kept));
  if (kept.theme) applyTheme(kept.theme);
}

/** Forgets them with the session; the colours stay on this device. */
export function forgetPreferences(): void {
  keep({});
}

/** Changes some of them, here at once and on the appliance. */
export function prefer(change: Preferences): void {
  keep({ ...kept, ...change });
  // A choice that was not kept holds until the page is left; nothing is worth interrupting the person for.
  call('PUT /api/v1/account/preferences', { body: kept }).catch(() => undefined);
}

/** Applies colours, and keeps them for the next sign-in here and on every other device. */
export function chooseTheme(theme: ThemeChoice): void {
  applyTheme(theme);
  prefer({ theme });
}
