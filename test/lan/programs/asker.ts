// Asks its LAN what the appliance asks beside sweeps, each time a line comes in: names, IPv6 neighbours, and a packet that wakes.
import { createInterface } from 'node:readline';
import { broadcastOf, parseCidr } from '../../../appliance/network/cidr.ts';
import { askNames } from '../../../appliance/network/naming.ts';
import { readOwnLinks } from '../../../appliance/network/own-links.ts';
import { askIpv6 } from '../../../appliance/network/sweep/ipv6.ts';
import { wake } from '../../../appliance/network/wake.ts';

type Asked = { what: 'names'; ips: string[] } | { what: 'ipv6' } | { what: 'wake'; mac: string };

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const { signal } = new AbortController();
const log = { debug: (fields: object, text: string) => say({ kind: 'said', text, ...fields }) };

async function ask(asked: Asked): Promise<object> {
  const [link] = readOwnLinks();
  if (!link) throw new Error('this host has no link');
  if (asked.what === 'names') return Object.fromEntries(await askNames(asked.ips, { link, signal, log: log as never }));
  if (asked.what === 'ipv6') return Object.fromEntries(await askIpv6(link, { signal }));
  const range = parseCidr(link.cidr);
  if (range) await wake(asked.mac, { from: link.address, broadcast: broadcastOf(range) });
  return {};
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const asked: Asked = JSON.parse(line);
  ask(asked).then(
    (found) => say({ kind: asked.what, found }),
    (error) => say({ kind: 'failed', why: String(error) }),
  );
});
say({ kind: 'ready' });
