import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Pack } from './packs.ts';
import type { Unpacking, UnpackingParts } from './unpacking.ts';

/** As `Unpacking`, in a process of its own: `program` is the file that this build has for it. Fails where that ends otherwise than it should. */
export class UnpackingApart implements Pick<Unpacking, 'make'> {
  readonly #program: string;
  readonly #parts: Pick<UnpackingParts, 'dir' | 'onReady'>;

  constructor(program: string, parts: Pick<UnpackingParts, 'dir' | 'onReady'>) {
    this.#program = program;
    this.#parts = parts;
  }

  async make(packs: readonly Pack[], signal: AbortSignal): Promise<{ platform: string; reason: string }[]> {
    const { dir, onReady } = this.#parts;
    // It gets a bare environment: what is in the appliance's own (keys, say) is none of its business.
    const child = spawn(process.execPath, [this.#program], { env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
    const stop = () => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.stdin.on('error', () => undefined); // It ended before it read: 'close' tells the rest.
    giveUpFirst(child.pid);
    child.stdin.end(JSON.stringify({ dir, packs }));
    let failed: { platform: string; reason: string }[] | undefined;
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const said = JSON.parse(line);
        if (said.failed) failed = said.failed;
        else await onReady();
      }
      const code = await ended;
      if (failed) return failed;
      if (signal.aborted) return [];
      throw new Error(`the process that unpacks ended too early, with ${code ?? 'a signal'}`);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** Where memory does not suffice, Linux is to end this process, and not the appliance. Elsewhere there is no such file. */
function giveUpFirst(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '800');
  } catch {
    // It is as it would be without.
  }
}
