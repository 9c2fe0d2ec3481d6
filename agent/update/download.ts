import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { pinnedAgent } from '../../discovery/pairing/pinned.ts';
import type { UpdateOrder } from '../../protocol/updates.ts';
import type { Identity } from '../identity.ts';

/** A line that says nothing for so long is broken. */
const SILENCE_MS = 30_000;
const WHOLE_MS = 30 * 60_000;

/**
 * Fetches what an order names over the connection that is pinned to the appliance, into a new file that only its owner can read, and
 * durable there. Throws with the reason when it is not, byte for byte, what was signed.
 */
export async function download(
  order: UpdateOrder,
  file: string,
  { identity, url }: { identity: Identity; url: string },
): Promise<void> {
  const agent = pinnedAgent(identity);
  try {
    const answer = await get(url + order.path, agent);
    const hash = createHash('sha256');
    const packed = limited(order.packedSize);
    const unpacked = limited(order.size, (piece) => hash.update(piece));
    const unpack = order.packing === 'gz' ? [createGunzip()] : [];
    await pipeline([
      answer,
      packed.step,
      ...unpack,
      unpacked.step,
      createWriteStream(file, { flags: 'wx', mode: 0o700 }),
    ]);
    if (unpacked.bytes() !== order.size) throw new Error(`It has ${unpacked.bytes()} bytes, ${order.size} were signed`);
    if (hash.digest('hex') !== order.sha256) throw new Error('It is not what was signed: its SHA-256 is another');
    await sync(file);
  } finally {
    agent.destroy();
  }
}

function get(url: string, agent: ReturnType<typeof pinnedAgent>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(WHOLE_MS);
    const headers = { 'accept-encoding': 'identity' };
    const outgoing = request(url, { agent, headers, signal, timeout: SILENCE_MS }, (answer) => {
      if (answer.statusCode === 200) return resolve(answer);
      answer.resume();
      reject(new Error(`The appliance answered ${answer.statusCode} for ${new URL(url).pathname}`));
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('The appliance stopped in the middle of it')));
    outgoing.once('error', reject);
    outgoing.end();
  });
}

/** Lets at most so many bytes through, and one more fails. */
function limited(most: number, onPiece: (piece: Buffer) => void = () => undefined) {
  let bytes = 0;
  const step = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      if (bytes > most) return done(new Error(`It is larger than the ${most} bytes that were signed`));
      onPiece(piece);
      done(null, piece);
    },
  });
  return { step, bytes: () => bytes };
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.sync().finally(() => handle.close());
}
