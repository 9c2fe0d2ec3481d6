import type { ConnectionTest } from '../../protocol/routes/audit-targets.ts';
import { Problem } from '../problem.ts';
import type { SshConnection } from '../ssh.ts';
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
    const rights = await rightsOf(connection).finally(() => connection.close());
    const words = { added: 'The key was added, and signs in', there: 'The key had been there, and signs in' };
    const text = pushed ? words[pushed] : 'It signs in';
    return { ...about, ok: true, ...judged(target, text, rights), tookMs: tookMs() };
  } catch (error) {
    if (!(error instanceof SshError) && !(error instanceof Problem)) throw error;
    if (error instanceof SshError) await keepShown(target, error, parts);
    const shown = error instanceof SshError && error.hostKey ? { hostKey: error.hostKey } : {};
    return { ...about, ok: false, code: error.code, text: error.message, ...shown, canAudit: false, tookMs: tookMs() };
  }
}

type Rights = NonNullable<ConnectionTest['rights']>;
const LOOK = `sh -c 'echo uid=$(id -u); sudo -n true >/dev/null 2>&1 </dev/null && echo sudo=yes; true'`;

/** As whom an audit would read; undefined where no POSIX shell answers. */
async function rightsOf(connection: SshConnection): Promise<Rights | undefined> {
  const { output } = await connection.run(LOOK, { totalMs: 10_000, mostBytes: 4_096 });
  const said = output.toString('utf8');
  if (!/^uid=\d+$/m.test(said)) return undefined;
  if (/^uid=0$/m.test(said)) return 'root';
  return /^sudo=yes$/m.test(said) ? 'sudo' : 'user';
}

function judged({ elevate = false, user = '' }: TargetRecord, text: string, rights: Rights | undefined) {
  if (rights === undefined) return { text: `${text}, but no POSIX shell answers there`, canAudit: false };
  if (elevate && rights === 'user')
    return { text: `${text}, but sudo does not let ${user} do anything without a password`, rights, canAudit: false };
  return { text, rights, canAudit: true };
}
