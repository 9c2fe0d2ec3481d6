import type { Facts } from '../facts.ts';
import { type Check, found, NEEDS_BEFORE, unknown } from './check.ts';

export const changedAccounts: Check = {
  id: 'changed-accounts',
  title: 'Accounts or what runs by itself has changed',
  severity: 'medium',
  reason: 'New accounts, members of groups with power, timers and cron files are how somebody stays who got in once.',
  judge(facts, { previous }) {
    if (!previous) return unknown(NEEDS_BEFORE);
    const isSeen = facts.system?.isRoot === previous.system?.isRoot;
    const lines = [
      ...fresh(facts, previous, namesOf).map((name) => `New account: ${name}`),
      ...fresh(facts, previous, membersOf).map((name) => `New in a group with power: ${name}`),
      // Files that only root sees are not new to a host that was audited without root before.
      ...(isSeen ? fresh(facts, previous, timersOf).map((name) => `New: ${name}`) : []),
      ...(isSeen ? fresh(facts, previous, sudoOf).map((line) => `New rule of sudo: ${line.slice(0, 160)}`) : []),
    ];
    return found(lines, 'Ask who made the change. Undo what nobody knows. The next audit takes it for known.');
  },
};

type Read = (facts: Facts) => string[] | undefined;

const namesOf: Read = ({ users }) => users?.map(({ name, uid }) => `${name} (user id ${uid})`);
const membersOf: Read = ({ groups }) =>
  groups?.flatMap(({ name, members }) => members.map((each) => `${each} in ${name}`));
const timersOf: Read = ({ timers }) => timers;
const sudoOf: Read = ({ sudo }) => sudo;

function fresh(now: Facts, before: Facts, read: Read): string[] {
  const known = read(before);
  return known ? (read(now) ?? []).filter((each) => !known.includes(each)) : [];
}
