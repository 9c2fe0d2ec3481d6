import type { AuditSummary } from '../../protocol/audits.ts';
import type { ConnectionTest } from '../../protocol/routes/audit-targets.ts';
import { NOTHING } from '../format.ts';
import { msg } from '../msg.ts';
import type { AnswerItem } from '../paging.ts';
import type { Level } from '../parts/levels.ts';

export type Target = AnswerItem<'GET /api/v1/audit-targets'>;
export type SshKey = AnswerItem<'GET /api/v1/audit-keys'>;

/** How a score is, at a glance. */
export const scoreLevel = (score: number): Level => (score >= 80 ? 'ok' : score >= 60 ? 'warning' : 'high');

export const kindWord = (kind: AuditSummary['kind']): string => (kind === 'full' ? msg('full') : msg('quick'));

/** How an audit went, or how far it is. */
export function auditState({ state, progress }: AuditSummary): { level: Level; word: string } {
  if (state === 'running') {
    if (!progress || progress.section === '') return { level: 'unknown', word: msg('connecting') };
    return { level: 'unknown', word: msg('reading {done} of {of}', { done: progress.done, of: progress.of }) };
  }
  if (state === 'failed') return { level: 'high', word: msg('failed') };
  return state === 'partial' ? { level: 'warning', word: msg('incomplete') } : { level: 'ok', word: msg('done') };
}

/** Where a target is reached. */
export const placeOf = ({ via, user = '', address = '', port = 22 }: Target): string =>
  via === 'agent' ? msg('by its agent') : `${user}@${address}${port === 22 ? '' : `:${port}`}`;

/** What came of a try to sign in, in one word. */
export const testWord = ({ ok, canAudit, code }: ConnectionTest): string =>
  !ok ? codeWord(code) : canAudit ? msg('signs in') : msg('signs in, cannot be audited');

/** As whom an audit would read a host. */
export function rightsWord(rights: ConnectionTest['rights']): string {
  if (rights === undefined) return NOTHING;
  return { root: msg('root'), sudo: msg('sudo'), user: msg('user') }[rights];
}

/** Why a connection did not work, in a few words. */
export function codeWord(code: string | undefined): string {
  const words: Record<string, string> = {
    'host-key-unknown': msg('host key to be accepted'),
    'host-key-changed': msg('another host key'),
    refused: msg('not let in'),
    unreachable: msg('not reached'),
    silent: msg('no answer'),
    key: msg('no key'),
    algorithms: msg('no algorithm in common'),
  };
  return words[code ?? ''] ?? msg('failed');
}

/** Sections of the script by what a person calls what they read. */
const READS: readonly (readonly [word: () => string, sections: string])[] = [
  [() => msg('system'), 'system os hardware'],
  [() => msg('processor'), 'cpu cpu-bugs'],
  [() => msg('memory'), 'memory'],
  [() => msg('disks'), 'disks inodes mounts blocks'],
  [() => msg('network'), 'addresses routes resolvers'],
  [() => msg('open ports'), 'ports'],
  [() => msg('processes'), 'processes'],
  [() => msg('users'), 'users groups passwords sudo'],
  [() => msg('SSH keys'), 'keys'],
  [() => msg('SSH server'), 'sshd sshd-version'],
  [() => msg('packages'), 'packages'],
  [() => msg('updates'), 'updates unattended'],
  [() => msg('services'), 'services'],
  [() => msg('timers'), 'timers'],
  [() => msg('firewall'), 'firewall'],
  [() => msg('kernel'), 'reboot sysctl'],
  [() => msg('clock'), 'time'],
  [() => msg('containers'), 'containers'],
  [() => msg('modes of files'), 'files'],
  [() => msg('sign-ins that failed'), 'logins'],
  [() => msg('logs'), 'logging'],
  [() => msg('health of disks'), 'smart'],
];

/** What an audit reads just now; empty while it connects, and at its end. */
export const sectionWord = (section: string): string =>
  READS.find(([, sections]) => sections.split(' ').includes(section))?.[0]() ?? '';
