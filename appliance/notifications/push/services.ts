/** Push services of the browsers' makers. Everything else is a push service of one's own, which an admin names in the channel. */
const KNOWN: readonly RegExp[] = [
  /^fcm\.googleapis\.com$/,
  /^(?:[a-z0-9-]+\.)*push\.services\.mozilla\.com$/,
  /^(?:[a-z0-9-]+\.)*push\.apple\.com$/,
  /^(?:[a-z0-9-]+\.)*notify\.windows\.com$/,
];

/**
 * Whether a subscription's address may be written to: whoever may look could otherwise send the appliance's requests to any machine
 * of the network.
 */
export function isPushService(endpoint: string, own: readonly string[]): boolean {
  const { hostname } = new URL(endpoint);
  return own.includes(hostname) || KNOWN.some((known) => known.test(hostname));
}
