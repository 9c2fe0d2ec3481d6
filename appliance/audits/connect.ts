import { setTimeout } from 'node:timers/promises';
import { Problem } from '../problem.ts';
import { connectSsh, type SshConnection, type SshPlace } from '../ssh.ts';
import { SshError } from '../ssh-error.ts';
import type { TargetRecord } from './documents.ts';
import type { AuditKeys } from './keys.ts';
import type { Targets } from './targets.ts';

export interface ConnectParts {
  keys: AuditKeys;
  targets: Targets;
  /** Pauses before the second, third and fourth try; 1, 2 and 4 s by default. */
  pausesMs?: readonly number[];
  /** Waits; by the clock by default. */
  pause?(ms: number, signal: AbortSignal | undefined): Promise<unknown>;
}

const PAUSES_MS = [1_000, 2_000, 4_000];

const byClock = (ms: number, signal: AbortSignal | undefined): Promise<unknown> =>
  setTimeout(ms, undefined, { ...(signal && { signal }) });

/** Where a target is and how one signs in there. Fails with what a person has to choose first. */
export async function placeOf(target: TargetRecord, { keys, targets }: ConnectParts): Promise<SshPlace> {
  const { address, port = 22, user, keyId, throughId, siteId, pin } = target;
  if (!address || !user) throw new Problem('invalid-request', `${target.name} has no address to reach it by SSH`);
  if (keyId === undefined)
    throw new SshError('key', `${target.name} has no key to sign in with: choose one, or push one to it`);
  const jump = throughId === undefined ? undefined : targets.need(siteId, throughId);
  return {
    ...{ address, port, user, login: { privateKey: keys.secretOf(await keys.need(siteId, keyId)) } },
    ...(pin && { pin: { type: pin.type, sha256: pin.sha256 } }),
    ...(jump && { through: await placeOf(jump, { keys, targets }) }),
  };
}

/**
 * Signs in, with further tries at what may pass. A host key that nobody has accepted is kept to be shown to a person; nothing is
 * tried again then. Fails with the reason of `signal`, also while it waits.
 */
export async function connectTarget(
  target: TargetRecord,
  parts: ConnectParts,
  signal?: AbortSignal,
): Promise<SshConnection> {
  const place = await placeOf(target, parts);
  const { pausesMs = PAUSES_MS, pause = byClock } = parts;
  for (let n = 0; ; n++) {
    try {
      return await connectSsh(place, { signal });
    } catch (error) {
      if (error instanceof SshError) await keepShown(target, error, parts);
      const waitMs = pausesMs[n];
      if (!(error instanceof SshError) || !error.isPassing || waitMs === undefined) throw error;
      await pause(waitMs, signal).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw reason;
      });
    }
  }
}

/** Keeps a host key that was shown with the target that showed it, which may be one on the way. */
export async function keepShown(
  target: TargetRecord,
  { hostKey, shownBy }: SshError,
  { targets }: Pick<ConnectParts, 'targets'>,
): Promise<void> {
  if (!hostKey) return;
  const isIt = ({ address, port = 22 }: TargetRecord): boolean => `${address}:${port}` === shownBy;
  let shown: TargetRecord | undefined = target;
  while (shown && !isIt(shown)) shown = targets.get(shown.throughId ?? '');
  if (shown) await targets.show(shown.id, hostKey);
}
