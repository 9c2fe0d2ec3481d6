import type { Host } from '../../protocol/hosts.ts';
import type { AnswerOf, Input } from '../../protocol/route.ts';
import type { editHosts, HostChange } from '../../protocol/routes/hosts.ts';
import { Problem } from '../problem.ts';
import type { Session } from '../session.ts';
import type { Inventory } from './inventory.ts';

type Several = Input<typeof editHosts>['body'];
const MOST_TAGS = 32;

/** What becomes of one host when several are changed at once. */
function changeOf(host: Host, { addTags = [], removeTags = [], ...rest }: Several['change']): HostChange {
  const tags = [...new Set([...host.tags.filter((tag) => !removeTags.includes(tag)), ...addTags])];
  if (tags.length > MOST_TAGS && tags.length > host.tags.length)
    throw new Problem('invalid-request', `A host has at most ${MOST_TAGS} tags`);
  const { rack, ...others } = rest;
  // A unit belongs to its rack: in another one it would be a guess.
  const moved = rack !== undefined && rack !== (host.rack ?? null);
  return { ...others, tags, ...(rack !== undefined && { rack }), ...(moved && { rackUnit: null }) };
}

/** Why one of several was left as it is; what is ours to mend is not swallowed. */
export function problemOf(error: unknown): { code: Problem['code']; message: string } {
  if (error instanceof Problem) return { code: error.code, message: error.message };
  throw error;
}

/** Changes each host by itself, in order; the answer says of each what became of it. */
export async function editSeveral(
  inventory: Inventory,
  session: Session,
  { hosts, change }: Several,
): Promise<AnswerOf<typeof editHosts>> {
  const items: AnswerOf<typeof editHosts>['items'] = [];
  for (const { id, rev } of hosts) {
    try {
      inventory.visible(session, id);
      items.push({ id, host: await inventory.edit(id, rev, (host) => changeOf(host, change)) });
    } catch (error) {
      items.push({ id, problem: problemOf(error) });
    }
  }
  const failed = items.filter(({ problem }) => problem).length;
  return { items, failed, changed: items.length - failed };
}
