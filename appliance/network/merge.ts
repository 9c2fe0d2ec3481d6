import type { AddressSpan, DeviceRecord, MergedDevice, Span } from './documents.ts';

/** Spans in order, those that touch made one. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else all.push({ ...span });
  }
  return all;
}

const newestFirst = (addresses: readonly AddressSpan[]): AddressSpan[] =>
  [...addresses].sort((a, b) => b.lastAt - a.lastAt);

const latest = (a: number | undefined, b: number | undefined): { lastSeenAt?: number } => {
  const at = Math.max(a ?? 0, b ?? 0);
  return at > 0 ? { lastSeenAt: at } : {};
};

/** Both are one machine: `device` gets all that `other` had, and remembers it, so that `split` can take it out again. */
export function merge(device: DeviceRecord, other: DeviceRecord, why: string): DeviceRecord {
  const { siteId: _, rev: __, merged, apart, ...fields } = other;
  const seenLater = (other.lastSeenAt ?? 0) > (device.lastSeenAt ?? 0);
  const hostId = device.hostId ?? other.hostId;
  const name = device.name ?? other.name;
  return {
    ...device,
    ...(name !== undefined && { name }),
    ...(hostId !== undefined && { hostId }),
    ...(seenLater && other.subnetId !== undefined && { subnetId: other.subnetId }),
    standing: device.standing === 'new' ? other.standing : device.standing,
    macs: [...new Set(seenLater ? [...other.macs, ...device.macs] : [...device.macs, ...other.macs])],
    addresses: newestFirst([...device.addresses, ...other.addresses]),
    names: { ...other.names, ...device.names },
    services: [...new Set([...device.services, ...other.services])],
    firstSeenAt: Math.min(device.firstSeenAt, other.firstSeenAt),
    ...latest(device.lastSeenAt, other.lastSeenAt),
    misses: Math.min(device.misses, other.misses),
    spans: joined([...device.spans, ...other.spans]),
    merged: [...device.merged, ...merged, { ...fields, why }],
    apart: [...new Set([...device.apart, ...apart])],
  };
}

/** Takes one out again. What was seen since stays with the card that it was seen by. Undefined where it was never merged. */
export function split(
  device: DeviceRecord,
  mergedId: string,
): { device: DeviceRecord; other: DeviceRecord } | undefined {
  const found = device.merged.find(({ id }) => id === mergedId);
  if (!found) return undefined;
  const isTheirs = (span: AddressSpan): boolean => span.mac !== undefined && found.macs.includes(span.mac);
  const theirs = device.addresses.filter(isTheirs);
  const macs = device.macs.filter((mac) => !found.macs.includes(mac));
  const rest: DeviceRecord = {
    ...device,
    macs,
    addresses: device.addresses.filter((span) => !isTheirs(span)),
    merged: device.merged.filter((each) => each !== found),
    apart: [...new Set([...device.apart, ...found.macs])],
  };
  const { why: _, hostId: __, ...fields }: MergedDevice = found;
  const other: DeviceRecord = {
    ...fields,
    siteId: device.siteId,
    rev: 0,
    addresses: theirs.length > 0 ? theirs : found.addresses,
    ...latest(found.lastSeenAt, Math.max(0, ...theirs.map(({ lastAt }) => lastAt))),
    merged: [],
    apart: [...new Set([...macs, ...device.apart])].filter((mac) => !found.macs.includes(mac)),
  };
  return { device: rest, other };
}

/** Whether people said that these are two machines. */
export const areApart = (a: DeviceRecord, b: DeviceRecord): boolean =>
  a.macs.some((mac) => b.apart.includes(mac)) && b.macs.some((mac) => a.apart.includes(mac));
