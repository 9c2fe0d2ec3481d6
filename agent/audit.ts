import { spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { auditScript } from '../protocol/audit-script.ts';
import type { AuditAsk } from '../protocol/audits.ts';

const MOST_BYTES = 4 << 20;
const MOST_PACKED = 1_400_000;
/** The script has a watchdog of its own, a little earlier. */
const LIMIT_MS = 62_000;

let running: Promise<string> | undefined;

/**
 * Runs the audit script that the agent carries, as the agent's own user, and answers with what it wrote: deflated, in base64. One at a
 * time: who asks meanwhile is refused. The appliance says only which of the two kinds, never what is run.
 */
export async function audit(asked: AuditAsk): Promise<string> {
  if (process.platform === 'win32') throw new Error('audits need a POSIX shell, which Windows has not');
  if (running) throw new Error('an audit runs already');
  running = run(asked);
  try {
    return await running;
  } finally {
    running = undefined;
  }
}

async function run({ kind, nonce }: AuditAsk): Promise<string> {
  const output = await outputOf(auditScript(kind, nonce));
  const packed = (await promisify<Buffer, Buffer>(deflateRaw)(output)).toString('base64');
  if (packed.length > MOST_PACKED) throw new Error('the machine said more than an audit takes');
  return packed;
}

function outputOf(script: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what hangs below the shell ends with it.
    const shell = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true, cwd: '/' });
    const pieces: Buffer[] = [];
    let bytes = 0;
    const end = (error?: Error): void => {
      clearTimeout(limit);
      kill(shell.pid);
      if (error) reject(error);
      else resolve(Buffer.concat(pieces));
    };
    const limit = setTimeout(() => end(new Error('the script took longer than a minute')), LIMIT_MS);
    shell.on('error', () => end(new Error('this machine has no shell at sh')));
    shell.on('close', () => end());
    shell.stdin.on('error', () => undefined);
    shell.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MOST_BYTES) end(new Error('the script wrote more than 4 MiB'));
      else pieces.push(piece);
    });
    shell.stdin.end(script);
  });
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
