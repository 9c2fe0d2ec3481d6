import { addressOfReverse, DNS_TYPE, dnsQuestion, parseDns, reverseName } from './dns-message.ts';
import { cleanText, exchange, type Found, type NameProbe } from './name-probe.ts';

const GROUP = '224.0.0.251';
const PORT = 5353;
const WAIT_MS = 1_500;
const ALL_SERVICES = '_services._dns-sd._udp.local';

/** What one answer says of its sender; names that are about somebody else's address are not taken. */
export function readMdns(packet: Buffer, from: string): Found {
  const services = new Set<string>();
  let name: string | undefined;
  for (const { name: about, type, target } of parseDns(packet)) {
    if (type !== DNS_TYPE.PTR || target === undefined) continue;
    if (about.toLowerCase() === ALL_SERVICES) {
      const service = /^(_[a-z0-9-]{1,30}\._(?:tcp|udp))\.local$/i.exec(target)?.[1];
      if (service !== undefined) services.add(service.toLowerCase());
    } else if (addressOfReverse(about) === from) name ??= cleanText(target);
  }
  return { ...(name !== undefined && { name }), ...(services.size > 0 && { services: [...services] }) };
}

/**
 * mDNS, as a one-shot asker (RFC 6762 §6.7): from a port of its own, so that answers come to it alone and it needs no place on port
 * 5353, which others hold.
 */
export const mdns: NameProbe = {
  id: 'mdns',
  title: 'mDNS',
  async ask(ips, { link, signal }) {
    const found = new Map<string, Found>();
    if (!link) return found;
    const questions = [ALL_SERVICES, ...ips.map(reverseName)].map((name, id) => ({
      packet: dnsQuestion(name, { id: id + 1, unicast: true }),
      to: GROUP,
      port: PORT,
    }));
    const wanted = new Set(ips);
    await exchange({
      ...{ from: link.address, questions, waitMs: WAIT_MS, signal },
      onAnswer: (packet, from) => {
        if (!wanted.has(from)) return;
        const { services = [], name } = readMdns(packet, from);
        const before = found.get(from);
        const all = [...new Set([...(before?.services ?? []), ...services])];
        const known = before?.name ?? name;
        found.set(from, { ...(known !== undefined && { name: known }), services: all });
      },
    });
    return found;
  },
};
