/** What changes by itself as time goes on. */
const PASSING =
  /^(?:status|statusReason|statusAt|lastSeenAt|rev|lastUsedAt|online|stale|offline|unknown|version|uptimeSeconds|state|isConnected|connectedAt|nextAt|last|running)$/;
const idOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : '';
/** An answer of the API without what changes by itself as time goes on, in an order that tells nothing of the store. */
export const lasting = (value: unknown): unknown => {
  // An order by id: that in which a store answers is no promise.
  if (Array.isArray(value)) return value.map(lasting).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (PASSING.test(key) ? [] : [[key, lasting(each)]])),
  );
};
