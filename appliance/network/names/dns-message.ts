/** The part of a DNS message that names are made of (RFC 1035); mDNS and LLMNR have the same form. */
export interface DnsAnswer {
  name: string;
  type: number;
  /** For PTR: the name; for TXT: nothing. */
  target?: string;
}

export const DNS_TYPE = { PTR: 12, TXT: 16, ANY: 255 } as const;

const HEADER = 12;
const MOST_RECORDS = 128;
const MOST_JUMPS = 32;
const LONGEST_NAME = 255;

/** A question for one name. `unicast` asks mDNS to answer to the asker alone. */
export function dnsQuestion(name: string, { id = 0, type = DNS_TYPE.PTR as number, unicast = false } = {}): Buffer {
  const labels = name
    .split('.')
    .filter(Boolean)
    .map((label) => Buffer.from(label, 'utf8').subarray(0, 63));
  const head = Buffer.alloc(HEADER);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(1, 4);
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(type, 1);
  tail.writeUInt16BE(unicast ? 0x8001 : 1, 3);
  return Buffer.concat([head, ...labels.flatMap((label) => [Buffer.from([label.length]), label]), tail]);
}

/**
 * The answers and additional records of a message, whatever else is in it. Fails with `RangeError` for one that is cut off or loops:
 * lengths and pointers come from strangers.
 */
export function parseDns(packet: Buffer): DnsAnswer[] {
  if (packet.length < HEADER || (packet.readUInt16BE(2) & 0x8000) === 0) return [];
  const questions = packet.readUInt16BE(4);
  const records = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
  if (questions > MOST_RECORDS) return [];
  let at = HEADER;
  for (let n = 0; n < questions; n++) at = readName(packet, at).next + 4;
  const answers: DnsAnswer[] = [];
  for (let n = 0; n < Math.min(records, MOST_RECORDS) && at < packet.length; n++) {
    const { name, next } = readName(packet, at);
    const type = packet.readUInt16BE(next);
    const length = packet.readUInt16BE(next + 8);
    const data = next + 10;
    if (data + length > packet.length) throw new RangeError('a record is longer than its packet');
    answers.push({ name, type, ...(type === DNS_TYPE.PTR && { target: readName(packet, data).name }) });
    at = data + length;
  }
  return answers;
}

function readName(packet: Buffer, from: number): { name: string; next: number } {
  const labels: string[] = [];
  let [at, next, jumps, length] = [from, -1, 0, 0];
  for (;;) {
    const size = packet.readUInt8(at);
    if (size === 0) return { name: labels.join('.'), next: next < 0 ? at + 1 : next };
    if ((size & 0xc0) === 0xc0) {
      if (++jumps > MOST_JUMPS) throw new RangeError('the name has no end');
      if (next < 0) next = at + 2;
      at = packet.readUInt16BE(at) & 0x3fff;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > LONGEST_NAME || at + 1 + size > packet.length)
      throw new RangeError('the name is no name');
    labels.push(packet.subarray(at + 1, at + 1 + size).toString('utf8'));
    at += size + 1;
  }
}

/** `5.1.168.192.in-addr.arpa`. */
export const reverseName = (ip: string): string => `${ip.split('.').reverse().join('.')}.in-addr.arpa`;

/** The address that a reverse name is about. */
export function addressOfReverse(name: string): string | undefined {
  const [, text = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\.in-addr\.arpa$/i.exec(name) ?? [];
  return text === '' ? undefined : text.split('.').reverse().join('.');
}
