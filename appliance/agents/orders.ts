import type { ReleaseKey } from '../../discovery/pairing/release.ts';
import type { Ceiling } from '../../protocol/ceiling.ts';
import type { SignedOrder, UpdateOrder } from '../../protocol/updates.ts';
import { isNewer } from '../../protocol/version.ts';
import type { AgentRecord } from './documents.ts';
import type { Release } from './releases.ts';

/** Whether an agent can be updated from here: `ready`, or why not. */
export type UpdateState = 'ready' | 'current' | 'newer' | 'not-allowed' | 'no-release' | 'too-old' | 'with-appliance';

/** The release that is for an agent. */
export function releaseFor({ program }: AgentRecord, releases: readonly Release[]): Release | undefined {
  return releases.find(({ platform }) => platform === program);
}

/** Whether an agent can be updated; only its own machine decides whether it may. */
export function updateStateOf(agent: AgentRecord, may: Ceiling | undefined, releases: readonly Release[]): UpdateState {
  if (agent.isOwn) return 'with-appliance';
  if (agent.program === undefined) return 'too-old';
  const release = releaseFor(agent, releases);
  if (!release || !servedOf(release)) return 'no-release';
  if (release.version === agent.version) return 'current';
  if (!may?.some(({ action }) => action === 'update_agent')) return 'not-allowed';
  return isNewer(release.version, agent.version) ? 'ready' : 'newer';
}

/** Agents unpack what Node itself can unpack. */
const servedOf = ({ files }: Release) => files.find(({ packing }) => packing !== 'xz');

/** An order for one agent to become this release, signed; good for this once. */
export function signOrder(
  release: Release,
  said: Pick<UpdateOrder, 'applianceId' | 'agentId' | 'issuedAt' | 'allowOlder'>,
  key: ReleaseKey,
): SignedOrder {
  const served = servedOf(release);
  if (!served || served.packing === 'xz') throw new Error(`release ${release.platform} has no form that agents unpack`);
  const { platform: program, version, size, sha256 } = release;
  const { path, packing, size: packedSize } = served;
  const order: UpdateOrder = { format: 1, ...said, program, version, size, sha256, path, packing, packedSize };
  const text = JSON.stringify(order);
  return { order: text, signature: key.sign(text), releaseKey: key.publicKey, attestation: key.attestation };
}
