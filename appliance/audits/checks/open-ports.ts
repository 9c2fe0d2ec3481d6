import { isOnAll } from '../parse/network.ts';
import { type Check, found, OK, unknown } from './check.ts';

/** What belongs behind a firewall or on loopback, because it trusts whoever comes. */
const DELICATE: Readonly<Record<number, string>> = {
  ...{ 2375: 'Docker without TLS', 3306: 'MySQL', 5432: 'PostgreSQL', 6379: 'Redis', 9200: 'Elasticsearch' },
  ...{ 11211: 'memcached', 27017: 'MongoDB', 5984: 'CouchDB', 2379: 'etcd', 10250: 'kubelet', 8500: 'Consul' },
  ...{ 111: 'rpcbind', 5900: 'VNC', 873: 'rsync' },
};
/** DHCP and mDNS can only listen on every address. */
const MUST = [68, 546, 5353, 5355];

export const openPorts: Check = {
  id: 'open-ports',
  title: 'Services listen on every network of the host',
  severity: 'low',
  reason: 'What listens everywhere is also reached from networks that nobody thought of: guests, VPNs, a second card.',
  judge({ ports }) {
    if (!ports) return unknown('the host has neither ss nor netstat');
    const open = ports.filter((port) => isOnAll(port) && !MUST.includes(port.port));
    if (open.length === 0) return OK;
    const delicate = open.filter(({ port }) => DELICATE[port] !== undefined);
    const line = ({ protocol, address, port, process }: (typeof open)[number]): string =>
      `${protocol} ${address === '::' ? '[::]' : address}:${port}${process ? ` ${process}` : ''}${DELICATE[port] ? ` (${DELICATE[port]})` : ''}`;
    const others = open.filter((port) => !delicate.includes(port));
    const remedy =
      'Let each service listen only on the address it is meant for, or close its port in the firewall; waive this where each of them is wanted.';
    return found([...delicate, ...others].map(line), remedy, delicate.length > 0 ? 'high' : 'low');
  },
};
