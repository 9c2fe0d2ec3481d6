/** Takes the set-up code out of the address (`#code=…`), so that it stays neither in the bar nor in the history. */
export function takeSetupCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return code;
}
