import { PROBLEMS, type ProblemCode } from '../../protocol/problem.ts';

/** What to do about it, where the title alone does not say it. */
const CURES: Partial<Record<ProblemCode, string>> = {
  'invalid-request': 'The list `errors` names each field that is wrong, with its cure.',
  'not-signed-in': 'Sign in at /api/v1/session, or send an API key as `Authorization: Bearer` or `X-API-Key`.',
  'not-allowed': 'Ask an admin of the site, or an owner, for the role that `detail` names.',
  conflict: 'Read the record again, look at what changed, and send the change with its new `rev`.',
  'setup-required': 'Open the link that the appliance printed when it started and make the owner’s account.',
  'wrong-host': 'Open the appliance by its address, or name it in REEVE_HOSTS or REEVE_URL.',
  'wrong-origin': 'Pages of other sites may not change anything; programs send no Origin header.',
  'too-many-requests': 'Wait a little and try again.',
  'internal-error': 'The log of the appliance says more under the id in `instance`.',
  'storage-unavailable': 'Look at /health/ready: the disk may be full, or the database away. Nothing was changed.',
  'host-unreachable': 'Look at the host: it is off, cut off, or its agent has stopped. Ask again when it is online.',
  'update-refused': 'Get the update again, from who made this image, and for the same kind of machine.',
  'too-long': 'Ask for less at once: fewer hosts, a shorter time, or a coarser resolution.',
};

/** The text behind the `type` of a problem. */
export function problemPage(code: ProblemCode): string {
  const { status, title } = PROBLEMS[code];
  const cure = CURES[code];
  return `${title}\n\nCode ${code}, HTTP status ${status}.\n${cure ? `\n${cure}\n` : ''}`;
}
