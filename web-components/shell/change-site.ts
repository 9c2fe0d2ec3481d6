/** Asks the shell, from anywhere below it, to go to another site; it changes the session and connects anew. */
export const changeSite = (from: EventTarget, siteId: string): void =>
  void from.dispatchEvent(new CustomEvent('change-site', { detail: { siteId }, bubbles: true, composed: true }));
