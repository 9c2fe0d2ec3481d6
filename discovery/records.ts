import { type LanService, type TxtRecord, typeName } from './services.ts';

interface RecordHead {
  name: string;
  /** Seconds; 0 takes the record back. */
  ttl: number;
  /** Unique to us: others forget what they knew under this name (RFC 6762 §10.2). */
  flush?: boolean;
}

/** The DNS records that service discovery is made of, as dns-packet has them. */
export type DnsRecord = RecordHead &
  (
    | { type: 'PTR'; data: string }
    | { type: 'SRV'; data: { port: number; target: string } }
    | { type: 'TXT'; data: Uint8Array[] }
    | { type: 'A' | 'AAAA'; data: string }
  );

/** What one process tells the LAN about one service. */
export interface Advert {
  type: string;
  /** Instance label, unique on the LAN because it ends in a random id. */
  instance: string;
  /** Host name below `.local`, random too: the system's own mDNS service may hold the real one. */
  host: string;
  port: number;
  txt: TxtRecord;
}

/** Two minutes, for all records: a service whose host was switched off stays in nobody's list for hours. */
const TTL_S = 120;
const LONGEST_LABEL = 63;
const LONGEST_TXT_ITEM = 255;
const ALL_SERVICES = '_services._dns-sd._udp.local';

/** Cuts a text to so many bytes of UTF-8, between characters. */
export function cutBytes(text: string, bytes: number): string {
  let cut = text;
  while (Buffer.byteLength(cut) > bytes) cut = [...cut].slice(0, -1).join('');
  return cut;
}

/** A label that ends in `id`: no dots (bonjour-service cuts names there) and no control characters, at most 63 bytes. */
export function instanceLabel(name: string, id: string): string {
  const clean = name
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '')
    .replaceAll('.', '-')
    .trim();
  return `${cutBytes(clean, LONGEST_LABEL - id.length - 1)} ${id}`.trim();
}

/** The records of an advert on an interface that has these addresses; no others are told to that LAN. */
export function recordsOf(advert: Advert, addresses: readonly string[]): DnsRecord[] {
  const type = typeName(advert.type);
  const name = `${advert.instance}.${type}`;
  const target = `${advert.host}.local`;
  const txt = Object.entries(advert.txt).map(([key, value]) =>
    Buffer.from(cutBytes(`${key}=${value}`, LONGEST_TXT_ITEM)),
  );
  return [
    { name: type, type: 'PTR', ttl: TTL_S, data: name },
    { name, type: 'SRV', ttl: TTL_S, flush: true, data: { port: advert.port, target } },
    { name, type: 'TXT', ttl: TTL_S, flush: true, data: txt },
    { name: ALL_SERVICES, type: 'PTR', ttl: TTL_S, data: type },
    ...addresses.map(
      (data): DnsRecord => ({ name: target, type: data.includes(':') ? 'AAAA' : 'A', ttl: TTL_S, flush: true, data }),
    ),
  ];
}

/** What takes an advert back: only what is its own, because others of the same type and host stay. */
export function goodbyeOf(advert: Advert): DnsRecord[] {
  return recordsOf(advert, [])
    .filter((record) => record.name !== ALL_SERVICES)
    .map((record) => ({ ...record, ttl: 0 }));
}

/** The TXT record as text values, first of equal keys; undefined when it is larger than any honest one. */
export function readTxt(items: readonly Uint8Array[]): Record<string, string> | undefined {
  if (items.length > 32 || items.reduce((sum, item) => sum + item.length, 0) > 1_300) return undefined;
  const values = new Map<string, string>();
  for (const item of items) {
    const text = Buffer.from(item).toString('utf8');
    const at = text.indexOf('=');
    if (at > 0 && !values.has(text.slice(0, at))) values.set(text.slice(0, at), text.slice(at + 1));
  }
  return Object.fromEntries(values);
}

/** The record of a sighting, checked; undefined when it is not what the service's record should be. */
export function parseRecord<T extends TxtRecord>(service: LanService<T>, txt: Record<string, string>): T | undefined {
  const parsed = service.record.safeParse(txt);
  return parsed.success ? parsed.data : undefined;
}
