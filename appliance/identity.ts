import path from 'node:path';
import { z } from 'zod';
import { documentId } from '../protocol/identity.ts';
import { newId } from './ids.ts';
import { refuseLost, StartError } from './start-error.ts';
import { readWhole, writeWhole } from './whole-file.ts';

const identity = z.object({ id: documentId, createdAt: z.number() });

/** The appliance's id: made on the first start, the same for ever after; part of what agents pin. */
export async function openIdentity(dataDir: string, now: number, mayBegin = true): Promise<string> {
  const file = path.join(dataDir, 'appliance.json');
  const text = await readWhole(file);
  if (text === undefined) {
    if (!mayBegin) refuseLost(file, '');
    const id = newId(now);
    await writeWhole(file, `${JSON.stringify({ id, createdAt: now })}\n`);
    return id;
  }
  const read = identity.safeParse(parsed(text));
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
