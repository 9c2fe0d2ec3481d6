import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { documentId } from '../protocol/identity.ts';
import { newId } from './ids.ts';
import { StartError } from './options.ts';

const identity = z.object({ id: documentId, createdAt: z.number() });

/** The appliance's id: made on the first start, the same for ever after; part of what agents pin. */
export async function openIdentity(dataDir: string, now: number): Promise<string> {
  const file = path.join(dataDir, 'appliance.json');
  try {
    await writeFile(file, `${JSON.stringify({ id: newId(now), createdAt: now })}\n`, { flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const read = identity.safeParse(parsed(await readFile(file, 'utf8')));
  if (!read.success)
    throw new StartError(
      `${file} is damaged: restore it from a backup, or the paired agents will not know this appliance`,
    );
  return read.data.id;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
