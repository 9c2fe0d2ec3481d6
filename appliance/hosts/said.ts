import type { HostKind } from '../../protocol/hosts.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import type { HostChange } from '../../protocol/routes/hosts.ts';
import { Problem } from '../problem.ts';
import type { HostRecord } from './documents.ts';

/** Fields of a host that hold what people say; the rest is the appliance's. */
export const SAID = [
  'address',
  'role',
  'location',
  'rack',
  'rackUnit',
  'rackHeight',
  'hostName',
  'addresses',
  'macs',
  'watts',
  'logPaths',
  'services',
  'criticalServices',
  'parentId',
  'learnsParent',
] as const;
type Said = Pick<HostRecord, (typeof SAID)[number]>;

/** What people said of a host, for whoever shows it. */
export const saidOf = (record: HostRecord): Said =>
  Object.fromEntries(SAID.flatMap((field) => (record[field] === undefined ? [] : [[field, record[field]]])));

/**
 * The record with a change by a person: what is absent stays, null and empty lists take away. Fails with `invalid-request` and the
 * field where fields do not go together.
 */
export function withSaid(record: HostRecord, change: HostChange): HostRecord {
  const { tags, name, intervalMs, ...rest } = change;
  const set = Object.entries(rest).filter(([, value]) => value !== undefined);
  const isGone = (value: unknown): boolean => value === null || (Array.isArray(value) && value.length === 0);
  const next: HostRecord = {
    ...record,
    ...(tags && { tags }),
    ...(name !== undefined && { name }),
    ...(intervalMs !== undefined && { intervalMs }),
    ...Object.fromEntries(set.filter(([, value]) => !isGone(value))),
  };
  for (const [field, value] of set) if (isGone(value)) delete next[field as (typeof SAID)[number]];
  const problems = [...problemsOf(next), ...intervalProblems(record, intervalMs)];
  if (problems.length === 0) return next;
  throw new Problem('invalid-request', problems.map(({ path, message }) => `${path}: ${message}`).join('; '), problems);
}

/** An agent that insists would go on as before, and the dashboard would say otherwise. */
function intervalProblems({ isIntervalOwn, intervalMs }: HostRecord, wanted: number | undefined): FieldProblem[] {
  if (!isIntervalOwn || wanted === undefined || wanted === intervalMs) return [];
  const message =
    'this machine insists on its interval, by --interval, REEVE_INTERVAL or its own file: change it there, or take it away there first';
  return [{ path: 'body.intervalMs', message }];
}

function problemsOf({ kind, address, rack, rackUnit, rackHeight }: HostRecord): FieldProblem[] {
  const wrongAddress = addressProblem(kind, address);
  const problems: FieldProblem[] = [];
  if (wrongAddress) problems.push({ path: 'body.address', message: wrongAddress });
  if (rack === undefined && rackUnit !== undefined)
    problems.push({ path: 'body.rack', message: 'name the rack that the unit is in, or leave the unit out' });
  if (rackUnit !== undefined && rackUnit + (rackHeight ?? 1) - 1 > 100)
    problems.push({ path: 'body.rackHeight', message: 'a rack has at most 100 units: it would reach beyond the top' });
  return problems;
}

const PLACE = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?::\d{1,5})?$/;
const BARE_IPV6 = /^[0-9A-Fa-f]*:[0-9A-Fa-f:]+$/;

/** What is wrong with the address for this kind of host. */
function addressProblem(kind: HostKind, address: string | undefined): string | undefined {
  if (kind === 'ssh') {
    if (address === undefined)
      return 'say where it is reached: a host name or IP address, with :port where it is not 22';
    return PLACE.test(address) || BARE_IPV6.test(address)
      ? undefined
      : 'write a host name or IP address, with :port where it is not 22';
  }
  if (kind === 'pull') return urlProblem(address);
  return address === undefined ? undefined : 'a host of this kind needs no address: leave it out';
}

function urlProblem(address: string | undefined): string | undefined {
  if (address === undefined) return 'say where its values are fetched from, such as http://192.168.1.5:9100/metrics';
  if (!URL.canParse(address) || !/^https?:\/\//i.test(address)) return 'write a whole address with http:// or https://';
  const { username, password } = new URL(address);
  return username || password ? 'leave name and password out of the address' : undefined;
}
