import type { Finding } from '../../protocol/audits.ts';
import type { AuditComparison } from '../../protocol/routes/audits.ts';
import type { Facts } from './facts.ts';

type Changes = AuditComparison['changes'];

/** What a part of the facts consists of, as texts by name: what a thing is, and how it is. */
const PARTS: readonly {
  title: string;
  of: (facts: Facts) => readonly (readonly [name: string, how: string])[] | undefined;
}[] = [
  {
    title: 'System',
    of: ({ os, system }) =>
      os && [
        ['Operating system', os.name],
        ['Kernel', system?.kernel ?? ''],
      ],
  },
  { title: 'Memory', of: ({ memory }) => memory && [['Total', String(memory.totalBytes)]] },
  { title: 'Disks', of: ({ disks }) => disks?.map(({ mount, sizeBytes }) => [mount, String(sizeBytes)]) },
  { title: 'Addresses', of: ({ addresses }) => addresses?.map(({ name, address }) => [`${address} (${name})`, '']) },
  {
    title: 'Ports',
    of: ({ ports }) =>
      ports?.map(({ protocol, address, port, process = '' }) => [`${protocol} ${address}:${port}`, process]),
  },
  { title: 'Accounts', of: ({ users }) => users?.map(({ name, uid, shell }) => [name, `user id ${uid}, ${shell}`]) },
  {
    title: 'Keys that may sign in',
    of: ({ keys }) => keys?.map(({ user, sha256, comment }) => [`${user} ${sha256}`, comment]),
  },
  { title: 'Packages', of: ({ packages }) => packages?.items.map(({ name, version }) => [name, version]) },
  { title: 'Services', of: ({ services }) => services?.items.map(({ name, state }) => [name, state]) },
  { title: 'Timers', of: ({ timers }) => timers?.map((name) => [name, '']) },
  { title: 'Containers', of: ({ containers }) => containers?.items.map(({ name, image }) => [name, image]) },
];

const MOST = 200;

/** What is other in `after` than in `before`; parts that one of them lacks are left out. */
export function changesBetween(before: Facts, after: Facts): Changes {
  return PARTS.flatMap(({ title, of }) => {
    const [from, to] = [of(before), of(after)];
    if (!from || !to) return [];
    const was = new Map(from);
    const is = new Map(to);
    const lines = [
      ...[...is].flatMap(([name, how]) => (was.has(name) ? [] : [{ kind: 'added' as const, name, after: how }])),
      ...[...was].flatMap(([name, how]) => (is.has(name) ? [] : [{ kind: 'removed' as const, name, before: how }])),
      ...[...is].flatMap(([name, how]) => {
        const former = was.get(name);
        return former === undefined || former === how
          ? []
          : [{ kind: 'changed' as const, name, before: former, after: how }];
      }),
    ];
    return lines.length > 0 ? [{ title, lines: lines.slice(0, MOST), more: Math.max(0, lines.length - MOST) }] : [];
  });
}

interface Judged {
  findings: readonly Finding[];
  unjudged: readonly { checkId: string }[];
}

/** Findings that came, went and stayed, by check. What only one of the two could judge has neither come nor gone. */
export function findingsBetween(before: Judged, after: Judged) {
  const idsOf = (items: readonly { checkId: string }[]): Set<string> => new Set(items.map(({ checkId }) => checkId));
  const [was, is] = [idsOf(before.findings), idsOf(after.findings)];
  const [unknownThen, unknownNow] = [idsOf(before.unjudged), idsOf(after.unjudged)];
  return {
    appeared: after.findings.filter(({ checkId }) => !was.has(checkId) && !unknownThen.has(checkId)),
    gone: before.findings.filter(({ checkId }) => !is.has(checkId) && !unknownNow.has(checkId)),
    stayed: after.findings.filter(({ checkId }) => was.has(checkId)),
    judgedOnce: [
      ...after.findings.filter(({ checkId }) => unknownThen.has(checkId)),
      ...before.findings.filter(({ checkId }) => unknownNow.has(checkId)),
    ],
  };
}
