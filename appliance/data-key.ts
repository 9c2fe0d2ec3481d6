import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { KEY_FILE, openMaster, type Seal, sealWith } from './seal.ts';
import { StartError } from './start-error.ts';
import { readWhole, writeWhole } from './whole-file.ts';

/**
 * Everything secret is sealed with a random data key, which is kept sealed with the master key: a new master key is one small file
 * written anew, whatever is sealed. During a change of keys it stands there twice, once for each master key.
 */
const stored = z.object({ format: z.literal(1), wrapped: z.array(z.string()).min(1).max(2) });

/** Name of the file in the data directory. */
export const DATA_KEY_FILE = 'data-key.json';
const PURPOSE = 'data key';

export interface Keys {
  seal: Seal;
  /** 32 bytes; leaves the appliance in an encrypted backup only. */
  dataKey: Buffer;
}

export interface KeyOptions {
  /** `REEVE_KEY`, hex. */
  fromEnvironment?: string | undefined;
  /** False where agents are paired: a missing key is refused then. */
  mayBegin?: boolean;
}

/**
 * Opens master key and data key, making both on the first start. In a directory that had its secrets before there was a data key,
 * the master key itself is that. Fails with `StartError` where the two do not belong together.
 */
export async function openKeys(dataDir: string, options: KeyOptions = {}): Promise<Keys> {
  const isNew = (await readWhole(path.join(dataDir, 'certificates.json'))) === undefined;
  const master = await openMaster(dataDir, options);
  const found = await readDataKey(dataDir, master);
  const dataKey = found ?? (isNew ? randomBytes(32) : master);
  if (!found && isNew) await writeDataKey(dataDir, dataKey, [master]);
  return { seal: sealWith(dataKey), dataKey };
}

/** Keeps `dataKey` in `dataDir`, sealed with each of `masters`. */
export async function writeDataKey(dataDir: string, dataKey: Buffer, masters: readonly Buffer[]): Promise<void> {
  const wrapped = masters.map((master) => sealWith(master).seal(dataKey.toString('base64'), PURPOSE));
  await writeWhole(path.join(dataDir, DATA_KEY_FILE), `${JSON.stringify({ format: 1, wrapped })}\n`);
}

/** Undefined where there is no such file. */
async function readDataKey(dataDir: string, master: Buffer): Promise<Buffer | undefined> {
  const file = path.join(dataDir, DATA_KEY_FILE);
  const text = await readWhole(file);
  if (text === undefined) return undefined;
  for (const wrapped of parsed(text, file)) {
    try {
      return Buffer.from(sealWith(master).open(wrapped, PURPOSE), 'base64');
    } catch {
      // Sealed with the other master key: a change of keys was interrupted.
    }
  }
  throw new StartError(
    `${file} was sealed with another key: restore the file "${KEY_FILE}" that belongs to it (both from one backup), or set the REEVE_KEY it was made with`,
  );
}

function parsed(text: string, file: string): readonly string[] {
  try {
    return stored.parse(JSON.parse(text)).wrapped;
  } catch {
    throw new StartError(`${file} is damaged: restore it from a backup, secrets cannot be read without it`);
  }
}

/**
 * Replaces the master key by `next` (hex; a new random one where it is absent and the key is in a file). Stopped at any moment, either
 * the former or the new key opens everything.
 */
export async function rotateMaster(
  dataDir: string,
  { fromEnvironment, next }: { fromEnvironment?: string | undefined; next?: string | undefined },
): Promise<void> {
  const { dataKey } = await openKeys(dataDir, { fromEnvironment, mayBegin: false });
  const former = await openMaster(dataDir, { fromEnvironment, mayBegin: false });
  const fresh = next ? Buffer.from(next, 'hex') : randomBytes(32);
  await writeDataKey(dataDir, dataKey, [former, fresh]);
  if (!fromEnvironment) await writeWhole(path.join(dataDir, KEY_FILE), `${fresh.toString('hex')}\n`);
  await writeDataKey(dataDir, dataKey, [fresh]);
}
