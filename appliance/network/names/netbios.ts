import { cleanText, exchange, type Found, type NameProbe } from './name-probe.ts';

const PORT = 137;
const WAIT_MS = 1_000;
const NBSTAT = 0x21;
const ENTRY = 18;
const GROUP_FLAG = 0x8000;
const MOST_NAMES = 64;

/** A node status request for `*` (RFC 1002 §4.2.17). */
export function netbiosQuestion(id: number): Buffer {
  const head = Buffer.from([id >> 8, id & 255, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const name = Buffer.from(`CK${'A'.repeat(30)}`, 'latin1');
  return Buffer.concat([head, Buffer.from([32]), name, Buffer.from([0, 0, NBSTAT, 0, 1])]);
}

/** The name of a machine out of its node status (§4.2.18): the first unique one of type 0, no group. Undefined for what is none. */
export function readNetbios(packet: Buffer): string | undefined {
  // Header 12, name 34 (length, 32 letters, end), type, class, TTL, length: the count stands at 56.
  if (packet.length < 57 || packet[12] !== 32 || packet.readUInt16BE(46) !== NBSTAT) return undefined;
  const count = Math.min(packet.readUInt8(56), MOST_NAMES);
  for (let n = 0; n < count; n++) {
    const at = 57 + n * ENTRY;
    if (at + ENTRY > packet.length) return undefined;
    const isGroup = (packet.readUInt16BE(at + 16) & GROUP_FLAG) !== 0;
    if (packet[at + 15] === 0 && !isGroup) return cleanText(packet.subarray(at, at + 15).toString('latin1'));
  }
  return undefined;
}

/** NetBIOS: Windows and Samba. */
export const netbios: NameProbe = {
  id: 'netbios',
  title: 'NetBIOS',
  async ask(ips, { link, signal }) {
    const found = new Map<string, Found>();
    const questions = ips.map((to, id) => ({ packet: netbiosQuestion(id + 1), to, port: PORT }));
    const wanted = new Set(ips);
    await exchange({
      ...{ from: link?.address, questions, waitMs: WAIT_MS, signal },
      onAnswer: (packet, from) => {
        const name = wanted.has(from) ? readNetbios(packet) : undefined;
        if (name !== undefined) found.set(from, { name });
      },
    });
    return found;
  },
};
