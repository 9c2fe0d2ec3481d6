import type { Facts, Port } from '../facts.ts';

type Lines = readonly string[];

/** `ip addr` and `ifconfig -a`. */
export function addresses(lines: Lines): NonNullable<Facts['addresses']> {
  let name = '';
  return lines.flatMap((line) => {
    name = /^(?:\d+: )?([\w.-]+)(?:@[\w.-]+)?:?\s/.exec(line)?.[1] ?? name;
    const address = /^\s+inet6?\s+(?:addr:\s?)?([0-9a-fA-F.:]+(?:\/\d+)?)/.exec(line)?.[1];
    return address ? [{ name, address }] : [];
  });
}

export const routes = (lines: Lines): string[] => lines.slice(0, 200).map((line) => line.trim());

export const resolvers = (lines: Lines): string[] =>
  lines.flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);

/** `ss -lntup`, `netstat -lntup` of Linux and BusyBox, `netstat -an` of macOS, `sockstat -l` of FreeBSD. */
export function ports(lines: Lines): Port[] {
  const found = new Map<string, Port>();
  for (const line of lines) {
    const port = ssLine(line) ?? netstatLine(line) ?? bsdLine(line) ?? sockstatLine(line);
    if (!port || !Number.isInteger(port.port) || port.port < 1 || port.port > 65_535) continue;
    const key = `${port.protocol} ${port.address} ${port.port}`;
    if (!found.has(key) || port.process) found.set(key, port);
  }
  return [...found.values()].sort((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1));
}

const portOf = (protocol: string, local: string, process: string | undefined): Port | undefined => {
  const match = /^(.*)[.:](\d+)$/.exec(local);
  if (!match?.[2]) return undefined;
  const address = (match[1] ?? '').replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return {
    ...{ protocol: protocol.startsWith('udp') ? ('udp' as const) : ('tcp' as const), port: Number(match[2]) },
    address: address === '' || address === '*' ? '*' : address,
    ...(process && { process: process.slice(0, 64) }),
  };
};

function ssLine(line: string): Port | undefined {
  const match = /^(tcp|udp)\s+(?:LISTEN|UNCONN)\s+\d+\s+\d+\s+(\S+)\s+\S+(?:\s+users:\(\("([^"]+)")?/.exec(line);
  return match ? portOf(match[1] ?? '', match[2] ?? '', match[3]) : undefined;
}

function netstatLine(line: string): Port | undefined {
  const match = /^(tcp6?|udp6?)\s+\d+\s+\d+\s+(\S+)\s+\S+(?:\s+LISTEN)?(?:\s+(?:(\d+)\/(\S.*?)|-))?\s*$/.exec(line);
  return match ? portOf(match[1] ?? '', match[2] ?? '', match[4]) : undefined;
}

function bsdLine(line: string): Port | undefined {
  const match = /^(tcp|udp)(?:4|6|46)\s+\d+\s+\d+\s+(\S+)\s+\S+\s*(LISTEN)?\s*$/.exec(line);
  if (!match || (match[1] === 'tcp' && !match[3])) return undefined;
  return portOf(match[1] ?? '', match[2] ?? '', undefined);
}

function sockstatLine(line: string): Port | undefined {
  const match = /^\S+\s+(\S+)\s+\d+\s+\d+\s+(tcp|udp)(?:4|6|46)\s+(\S+)\s+\*:\*/.exec(line);
  return match ? portOf(match[2] ?? '', match[3] ?? '', match[1]) : undefined;
}

/** Whether anybody on a network of the host reaches it. */
export const isOpen = ({ address }: Port): boolean => !/^(?:127\.|::1$|::ffff:127\.)/.test(address);
export const isOnAll = ({ address }: Port): boolean => ['*', '0.0.0.0', '::', '::ffff:0.0.0.0'].includes(address);

const RULE: Record<string, RegExp> = {
  nft: /^\s+(?=\S)(?!type |policy |chain |set |map |elements|comment|flags|\}|\{).*\b(?:accept|drop|reject|queue|jump|goto|dnat|snat|masquerade)\b/,
  iptables: /^-A /,
  pf: /^(?:pass|block)\b/,
};

/** What filters: rules that say something, or a policy that drops. */
export function firewall(lines: Lines): NonNullable<Facts['firewall']> {
  let tool = '';
  let rules = 0;
  let isActive = false;
  const what: string[] = [];
  for (const line of lines) {
    if (RULE[line]) tool = line;
    else if (/^unit (\S+) active$/.test(line)) what.push(line.split(' ')[1] ?? '');
    else if (/^ENABLED=yes/i.test(line)) isActive = true;
    else if (/^firewall\.|^table filter/.test(line)) what.push(line.startsWith('table') ? 'iptables table' : 'OpenWrt');
    else if (RULE[tool]?.test(line) || /policy (?:drop|reject)|^:(?:INPUT|FORWARD) (?:DROP|REJECT)/i.test(line))
      rules++;
  }
  return {
    isReadable: lines.includes('readable'),
    rules,
    isActive: isActive || what.some((each) => /^(?:ufw|firewalld|nftables|OpenWrt)$/.test(each)),
    what: [...new Set(what)].join(', '),
  };
}
