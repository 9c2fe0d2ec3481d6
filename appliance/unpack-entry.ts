import { text } from 'node:stream/consumers';
import type { Pack } from './agents/packs.ts';
import { Unpacking } from './agents/unpacking.ts';
import { freeBytesOf } from './wear.ts';

// Unpacks executables of the agent as a process of its own (agents/unpacking-apart.ts), because the memory that this takes comes back only
// when the process ends. What to do comes by its input; a line of its output says that one more is ready, the last one what failed.
async function main(): Promise<void> {
  const { dir, packs }: { dir: string; packs: Pack[] } = JSON.parse(await text(process.stdin));
  const ending = new AbortController();
  process.once('SIGTERM', () => ending.abort());
  const say = (what: object) => void process.stdout.write(`${JSON.stringify(what)}\n`);
  const onReady = async () => say({ isReady: true });
  const unpacking = new Unpacking({ dir, freeBytes: freeBytesOf, onReady });
  say({ failed: await unpacking.make(packs, ending.signal) });
}

void main();
