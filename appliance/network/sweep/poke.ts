import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as pause } from 'node:timers/promises';

export interface PokeOptions {
  /** Address to send from; of the interface that leads there. */
  from: string;
  packetsPerSecond: number;
  signal: AbortSignal;
}

const DISCARD_PORT = 9;
const STEP_MS = 20;

/**
 * Sends one byte to the discard port of each address, so that the kernel asks for its MAC: needs no right, and a host that drops
 * everything else still answers ARP. That sending fails is no failure: who was asked is read from the table.
 */
export async function poke(
  addresses: readonly string[],
  { from, packetsPerSecond, signal }: PokeOptions,
): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  try {
    await bound(socket, from);
    const step = Math.max(1, Math.round((packetsPerSecond * STEP_MS) / 1_000));
    const stepMs = (step * 1_000) / packetsPerSecond;
    for (let at = 0; at < addresses.length; at += step) {
      signal.throwIfAborted();
      for (const ip of addresses.slice(at, at + step)) socket.send(BYTE, DISCARD_PORT, ip, ignore);
      await pause(stepMs, undefined, { signal });
    }
  } finally {
    socket.close();
  }
}

const BYTE = Buffer.alloc(1);

/** Who could not be asked is seen in the table. */
const ignore = (): void => undefined;

const bound = (socket: Socket, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port: 0, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
