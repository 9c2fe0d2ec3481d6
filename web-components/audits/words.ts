import type { AuditSummary } from '../../protocol/audits.ts';
import type { ConnectionTest } from '../../protocol/routes/audits.ts';
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

/** What an audit reads just now, in a word; sections that are read in an instant are named as they are. */
export function sectionWord(section: string): string {
  const words: Record<string, string> = {
    system: msg('system'),
    disks: msg('disks'),
    ports: msg('open ports'),
    processes: msg('processes'),
    users: msg('users'),
    keys: msg('SSH keys'),
    sshd: msg('SSH server'),
    packages: msg('packages'),
    updates: msg('updates'),
    services: msg('services'),
    timers: msg('timers'),
    firewall: msg('firewall'),
    containers: msg('containers'),
    logins: msg('sign-ins that failed'),
    smart: msg('health of disks'),
  };
  return words[section] ?? section;
}
