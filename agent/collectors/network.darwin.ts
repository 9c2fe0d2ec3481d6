import { matcher } from '../names.ts';
import { Instances } from '../rate.ts';
import { type InterfaceCounters, InterfaceRates, putTotals } from '../reading/interface-rates.ts';
import type { Put, ReaderDeps } from './collector.ts';

/**
 * Interfaces of `netstat -ibdnW`, each once, from its line of the link: name, MTU, network, perhaps an address, then packets, errors and bytes
 * in and out, collisions and drops. Columns are counted from the end, because an address may be missing.
 */
export function parseNetstat(output: string): InterfaceCounters[] {
  const [head = '', ...lines] = output.split('\n');
  const hasDrops = /\bDrop\s*$/.test(head);
  const seen = new Set<string>();
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const name = (fields[0] ?? '').replace(/\*$/, '');
    if (!/^<Link#\d+>$/.test(fields[2] ?? '') || seen.has(name)) return [];
    const counters = fields.slice(hasDrops ? -8 : -7).map(Number);
    const [
      ,
      receiveErrors = Number.NaN,
      receivedBytes = Number.NaN,
      ,
      sendErrors = Number.NaN,
      sentBytes = Number.NaN,
    ] = counters;
    const drops = hasDrops ? (counters[7] ?? 0) : 0;
    if (!Number.isFinite(receivedBytes + sentBytes + receiveErrors + sendErrors + drops)) return [];
    seen.add(name);
    return [{ name, receivedBytes, receiveErrors, receiveDrops: 0, sentBytes, sendErrors, sendDrops: drops }];
  });
}

/** Of `ifconfig -a`, for each interface that says so: whether it has a link, and the bits a second of its medium. */
export function parseIfconfig(output: string): Map<string, { isUp: boolean; speed: number | undefined }> {
  const found = new Map<string, { isUp: boolean; speed: number | undefined }>();
  for (const block of output.split(/\n(?=\S)/)) {
    const name = /^([^\s:]+):/.exec(block)?.[1];
    const status = /^\s+status: (\w+)/m.exec(block)?.[1];
    if (name === undefined || status === undefined) continue;
    const [, amount, giga] = /^\s+media: .*\((\d+(?:\.\d+)?)(G?)base/im.exec(block) ?? [];
    const speed = amount === undefined ? undefined : Number(amount) * (giga ? 1e9 : 1e6);
    found.set(name, { isUp: status === 'active', speed });
  }
  return found;
}

/** Network interfaces of a Mac. */
export function readMac({ skip }: { skip: string[] }, { run }: ReaderDeps) {
  const isSkipped = matcher(skip);
  const interfaces = new Instances((name) => new InterfaceRates(name));
  return {
    everyMs: 10_000,
    async read(put: Put, { mono }: { mono: number }) {
      const counters = parseNetstat((await run({ command: 'netstat', args: ['-ibdnW'] })).output);
      const links = parseIfconfig((await run({ command: 'ifconfig', args: ['-a'] })).output);
      const rates = counters
        .filter(({ name }) => !isSkipped(name))
        .map((now) => {
          const link = links.get(now.name);
          if (link) put('system.network.link.up', link.isUp ? 1 : 0, now.name);
          if (link?.isUp) put('system.network.link.speed', link.speed, now.name);
          // A bridge carries what its members carry.
          return { isDevice: /^en\d/.test(now.name), ...interfaces.get(now.name).put(put, now, mono) };
        });
      interfaces.sweep();
      const devices = rates.filter(({ isDevice }) => isDevice);
      putTotals(put, devices.length > 0 ? devices : rates);
    },
  };
}
