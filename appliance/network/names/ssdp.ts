import { cleanText, exchange, type Found, type NameProbe } from './name-probe.ts';

const GROUP = '239.255.255.250';
const PORT = 1900;
const WAIT_MS = 2_000;
const LONGEST = 4_096;
const LONGEST_MODEL = 80;

const SEARCH = Buffer.from(
  `M-SEARCH * HTTP/1.1\r\nHOST: ${GROUP}:${PORT}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n`,
);

/**
 * What an answer to M-SEARCH says (UPnP 1.1 §1.3.3): the kind of device or service, and the product. Its LOCATION is not fetched: the
 * address is chosen by whoever answers.
 */
export function readSsdp(packet: Buffer): Found {
  const text = packet.subarray(0, LONGEST).toString('latin1');
  const [first = '', ...lines] = text.split(/\r?\n/);
  if (!/^HTTP\/1\.[01] 200/i.test(first)) return {};
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    if (at > 0 && !headers.has(name)) headers.set(name, line.slice(at + 1).trim());
  }
  const kind = /^urn:[a-z0-9.-]{1,60}:(?:device|service):([A-Za-z0-9-]{1,40}):\d{1,3}$/i.exec(
    headers.get('st') ?? '',
  )?.[1];
  const model = productOf(headers.get('server') ?? '');
  return { ...(kind !== undefined && { services: [`upnp:${kind}`] }), ...(model !== undefined && { model }) };
}

/** `Linux/3.14 UPnP/1.0 IpBridge/1.56.0` → `IpBridge 1.56.0`; the words about system and protocol say nothing of the device. */
function productOf(server: string): string | undefined {
  const products = server.split(/[\s,]+/).filter((part) => /^[\w.-]{2,40}\/[\w.-]{1,20}$/.test(part));
  const own = products.find(
    (part) => !/^(?:linux|upnp|dlnadoc|posix|unix|debian|ubuntu|windows.*|wince|freebsd|portable)\//i.test(part),
  );
  return own === undefined ? undefined : cleanText(own.replace('/', ' '), LONGEST_MODEL);
}

/** SSDP: televisions, players, routers, bridges. */
export const ssdp: NameProbe = {
  id: 'ssdp',
  title: 'SSDP',
  async ask(ips, { link, signal }) {
    const found = new Map<string, Found>();
    if (!link) return found;
    const wanted = new Set(ips);
    const questions = [0, 1].map(() => ({ packet: SEARCH, to: GROUP, port: PORT }));
    await exchange({
      ...{ from: link.address, questions, waitMs: WAIT_MS, signal },
      onAnswer: (packet, from) => {
        if (!wanted.has(from)) return;
        const { services = [], model } = readSsdp(packet);
        const before = found.get(from);
        const known = before?.model ?? model;
        const all = [...new Set([...(before?.services ?? []), ...services])].slice(0, 20);
        found.set(from, { services: all, ...(known !== undefined && { model: known }) });
      },
    });
    return found;
  },
};
