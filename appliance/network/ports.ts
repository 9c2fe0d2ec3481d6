import type { OpenPort, PortsSeen } from '../../protocol/network.ts';
import { readCertificate } from './certificate.ts';
import { answersTcp, each } from './sweep/knock.ts';

/** What usually listens where; these are tried when nobody names others. */
export const SERVICES: Readonly<Record<number, string>> = {
  ...{ 21: 'FTP', 22: 'SSH', 23: 'Telnet', 25: 'SMTP', 53: 'DNS', 80: 'HTTP', 81: 'HTTP', 88: 'Kerberos', 110: 'POP3' },
  ...{
    111: 'portmapper',
    135: 'RPC',
    139: 'NetBIOS',
    143: 'IMAP',
    389: 'LDAP',
    443: 'HTTPS',
    445: 'SMB',
    465: 'SMTPS',
  },
  ...{
    515: 'printer',
    548: 'AFP',
    554: 'RTSP',
    587: 'SMTP',
    631: 'IPP',
    636: 'LDAPS',
    853: 'DNS over TLS',
    873: 'rsync',
  },
  ...{ 993: 'IMAPS', 995: 'POP3S', 1400: 'Sonos', 1433: 'SQL Server', 1723: 'PPTP', 1883: 'MQTT', 2049: 'NFS' },
  ...{
    2375: 'Docker',
    2376: 'Docker over TLS',
    3000: 'HTTP',
    3128: 'proxy',
    3260: 'iSCSI',
    3306: 'MySQL',
    3389: 'RDP',
  },
  ...{
    3493: 'NUT',
    5000: 'HTTP',
    5001: 'HTTPS',
    5060: 'SIP',
    5201: 'iperf3',
    5357: 'WSD',
    5432: 'PostgreSQL',
    5900: 'VNC',
  },
  ...{ 6379: 'Redis', 6443: 'Kubernetes', 7000: 'AirPlay', 8000: 'HTTP', 8006: 'Proxmox', 8008: 'HTTP', 8009: 'Cast' },
  ...{
    8080: 'HTTP',
    8081: 'HTTP',
    8086: 'InfluxDB',
    8096: 'Jellyfin',
    8123: 'Home Assistant',
    8443: 'HTTPS',
    8554: 'RTSP',
  },
  ...{ 8883: 'MQTT over TLS', 9000: 'HTTP', 9090: 'HTTP', 9100: 'printer or exporter', 9443: 'HTTPS', 10000: 'Webmin' },
  ...{ 11434: 'Ollama', 27017: 'MongoDB', 32400: 'Plex', 62078: 'iPhone' },
};

/** Where TLS begins at once. */
const TLS_PORTS: ReadonlySet<number> = new Set([
  443, 465, 636, 853, 993, 995, 2376, 5001, 6443, 8006, 8443, 8883, 9443,
]);
const AT_ONCE = 48;
const TIMEOUT_MS = 900;

/** Tries TCP ports of one address, the usual ones where none are named; reads the certificate where TLS begins at once. */
export async function lookAtPorts(
  ip: string,
  { ports, signal, now }: { ports: readonly number[]; signal: AbortSignal; now: () => number },
): Promise<PortsSeen> {
  const wanted = [...new Set(ports.length > 0 ? ports : Object.keys(SERVICES).map(Number))];
  const open: OpenPort[] = [];
  await each(wanted, { atOnce: AT_ONCE, signal }, async (port) => {
    if ((await answersTcp(ip, port, TIMEOUT_MS)) !== 'open') return;
    const certificate = TLS_PORTS.has(port) || ports.length === 1 ? await readCertificate(ip, port) : undefined;
    const service = SERVICES[port];
    open.push({ port, ...(service !== undefined && { service }), ...(certificate && { certificate }) });
  });
  open.sort((a, b) => a.port - b.port);
  return { at: now(), asked: wanted.length, open };
}
