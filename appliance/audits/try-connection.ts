import type { ConnectionTest } from '../../protocol/routes/audits.ts';
import { Problem } from '../problem.ts';
import { SshError } from '../ssh-error.ts';
import { type ConnectParts, connectTarget, keepShown } from './connect.ts';
import type { TargetRecord } from './documents.ts';
import { placeText } from './targets.ts';

/** Signs in once, without further tries, and says what came of it; never fails. `before` runs first, where a key is to be pushed. */
export async function testConnection(
  target: TargetRecord,
  parts: ConnectParts,
  { signal, before }: { signal?: AbortSignal; before?: () => Promise<'added' | 'there'> },
): Promise<ConnectionTest> {
  const startedAt = performance.now();
  const about = { targetId: target.id, name: target.name, place: placeText(target) };
  const tookMs = (): number => Math.round(performance.now() - startedAt);
  try {
    const pushed = await before?.();
    const once = { ...parts, pausesMs: [] };
    const connection = await connectTarget(target, once, signal);
    connection.close();
    const words = { added: 'The key was added, and signs in', there: 'The key had been there, and signs in' };
    return { ...about, ok: true, text: pushed ? words[pushed] : 'It signs in', tookMs: tookMs() };
  } catch (error) {
    if (!(error instanceof SshError) && !(error instanceof Problem)) throw error;
    if (error instanceof SshError) await keepShown(target, error, parts);
    const shown = error instanceof SshError && error.hostKey ? { hostKey: error.hostKey } : {};
    return { ...about, ok: false, code: error.code, text: error.message, ...shown, tookMs: tookMs() };
  }
}
