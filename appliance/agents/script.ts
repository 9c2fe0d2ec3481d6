import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface AgentScript {
  text: string;
  sha256: string;
}

/** The built agent as it is handed out, with its hash; undefined where it was not built. */
export async function readScript(file: string): Promise<AgentScript | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    return { text, sha256: createHash('sha256').update(text).digest('hex') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
