import { addressOfReverse, DNS_TYPE, dnsQuestion, parseDns, reverseName } from './dns-message.ts';
import { cleanText, exchange, type Found, type NameProbe } from './name-probe.ts';

const PORT = 5355;
const WAIT_MS = 1_000;

/** The name that the sender of an answer gives itself. */
export function readLlmnr(packet: Buffer, from: string): string | undefined {
  const own = parseDns(packet).find(({ name, type }) => type === DNS_TYPE.PTR && addressOfReverse(name) === from);
  return own?.target === undefined ? undefined : cleanText(own.target);
}

/** LLMNR (RFC 4795): Windows and systemd-resolved answer for their own address, to the asker alone. */
export const llmnr: NameProbe = {
  id: 'llmnr',
  title: 'LLMNR',
  async ask(ips, { link, signal }) {
    const found = new Map<string, Found>();
    // Asked at each address itself (§2.4 asks reverse names there): a group would wake everybody for each.
    const questions = ips.map((ip, id) => ({
      packet: dnsQuestion(reverseName(ip), { id: id + 1 }),
      to: ip,
      port: PORT,
    }));
    const wanted = new Set(ips);
    await exchange({
      ...{ from: link?.address, questions, waitMs: WAIT_MS, signal },
      onAnswer: (packet, from) => {
        const name = wanted.has(from) ? readLlmnr(packet, from) : undefined;
        if (name !== undefined) found.set(from, { name });
      },
    });
    return found;
  },
};
