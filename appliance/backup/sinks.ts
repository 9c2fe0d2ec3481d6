import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { syncFolder } from '../placed.ts';
import type { Sink } from './archive.ts';
import { writeFileDurably } from './file.ts';
import { damaged } from './format.ts';

const SECRETS = 'secrets.json';
const secrets = z.object({ dataKey: z.base64().length(44) });

export interface FolderSink {
  sink: Sink;
  /** The key of everything sealed, where the backup has it. It is never written to the folder. */
  dataKey(): Buffer | undefined;
  /** Makes the names of all files durable. */
  settle(): Promise<void>;
}

/** Unpacks into a folder, each file on the disk before the next. */
export function folderSink(dir: string, onBytes: (bytes: number) => void): FolderSink {
  const folders = new Set([dir]);
  let key: Buffer | undefined;
  const counted = async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      onBytes(piece.length);
      yield piece;
    }
  };
  return {
    dataKey: () => key,
    sink: {
      async file(name, pieces) {
        if (name === SECRETS) {
          key = await readSecrets(counted(pieces));
          return;
        }
        const file = path.join(dir, name);
        for (let folder = path.dirname(file); !folders.has(folder); folder = path.dirname(folder)) folders.add(folder);
        await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
        await writeFileDurably(file, counted(pieces));
      },
    },
    async settle() {
      for (const folder of folders) await syncFolder(folder);
    },
  };
}

/** Reads everything and keeps nothing. */
export function nowhere(onBytes: (bytes: number) => void): { sink: Sink } {
  return {
    sink: {
      async file(_name, pieces) {
        for await (const piece of pieces) onBytes(piece.length);
      },
    },
  };
}

const LONGEST_SECRETS = 4_096;

async function readSecrets(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  let text = '';
  for await (const piece of pieces) {
    text += Buffer.from(piece).toString('latin1');
    if (text.length > LONGEST_SECRETS) throw damaged('its keys are too long');
  }
  try {
    return Buffer.from(secrets.parse(JSON.parse(text)).dataKey, 'base64');
  } catch {
    throw damaged('its keys cannot be read');
  }
}
