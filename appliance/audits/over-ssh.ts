import { auditScript } from '../../protocol/audit-script.ts';
import type { AuditKind } from '../../protocol/audits.ts';
import { SshError } from '../ssh-error.ts';
import { type ConnectParts, connectTarget } from './connect.ts';
import type { TargetRecord } from './documents.ts';
import { Progress } from './read.ts';

/** Output comes in blocks: silence says nothing. */
const LIMITS = {
  quick: { totalMs: 30_000, idleMs: 30_000 },
  full: { totalMs: 60_000, idleMs: 60_000 },
} as const;

export interface ScriptRun {
  kind: AuditKind;
  nonce: string;
  signal: AbortSignal;
  /** Hears which section has begun; slow ones before the output of those in front of them. */
  onSection(section: string): void;
}

/**
 * Runs the script on a target. `cut` says why it ended before its end, where something had come that is worth to be shown. Fails with
 * `SshError` where nothing came, and with the reason of `signal`.
 */
export async function readOverSsh(
  target: TargetRecord,
  parts: ConnectParts,
  { kind, nonce, signal, onSection }: ScriptRun,
): Promise<{ output: Buffer; cut?: SshError }> {
  const connection = await connectTarget(target, parts, signal);
  const [output, slow] = [new Progress(nonce, onSection), new Progress(nonce, onSection)];
  const chunks: Buffer[] = [];
  const onData = (piece: Buffer): void => {
    chunks.push(piece);
    output.take(piece);
  };
  try {
    const command = target.elevate ? 'sudo -n sh -s' : 'sh -s';
    const heard = { onData, onErrors: slow.take, signal };
    const { code, errors } = await connection.run(command, {
      input: auditScript(kind, nonce),
      ...heard,
      ...LIMITS[kind],
    });
    if (chunks.length === 0)
      throw new SshError(
        'refused',
        `The host ran no script (status ${code}): ${errors.replace(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 200)}`,
      );
    return { output: Buffer.concat(chunks) };
  } catch (error) {
    if (signal.aborted || !(error instanceof SshError) || chunks.length === 0 || error.code === 'refused') throw error;
    return { output: Buffer.concat(chunks), cut: error };
  } finally {
    connection.close();
  }
}
