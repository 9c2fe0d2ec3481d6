import { connect } from 'node:net';
import type { Sighting, SweepContext, SweepTarget, Swept } from './result.ts';

/** Of these at least one is open, or refused, on nearly everything that is no client. */
const PORTS = [22, 80, 443, 445] as const;
const AT_ONCE = 32;
const TIMEOUT_MS = 1_000;

/** Whether somebody is there: a connection that is taken or refused; silence and "no route" are neither. */
export function answersTcp(ip: string, port: number, timeoutMs: number): Promise<'open' | 'closed' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect({ host: ip, port });
    const end = (what: 'open' | 'closed' | 'silent'): void => {
      socket.destroy();
      resolve(what);
    };
    socket.setTimeout(timeoutMs, () => end('silent'));
    socket.once('connect', () => end('open'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'closed' : 'silent'));
  });
}

/** Runs `work` on each item, so many at once; stops when the signal comes. */
export async function each<T>(
  items: readonly T[],
  { atOnce, signal }: { atOnce: number; signal: AbortSignal },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const item of left) {
      signal.throwIfAborted();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}

/** A sweep of a network behind a router, where there are no MACs: who takes or refuses a connection is there. */
export async function knock(target: SweepTarget, { now, signal, progress }: SweepContext): Promise<Swept> {
  const { addresses, cidr } = target;
  const sightings: Sighting[] = [];
  let asked = 0;
  await each(addresses, { atOnce: AT_ONCE, signal }, async (ip) => {
    const answers = await Promise.all(PORTS.map((port) => answersTcp(ip, port, TIMEOUT_MS)));
    if (answers.some((answer) => answer !== 'silent')) sightings.push({ ip, at: now() });
    asked += 1;
    progress(asked, addresses.length, `Trying ${cidr}, ${PORTS.length} ports of each address`);
  });
  return { by: 'TCP', asked, of: addresses.length, sightings, doubles: [] };
}
