import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds, median } from '../measure.ts';

const agent = new Agent({ keepAlive: true });

/** To be called after a pause: a server closes a connection that rests for some seconds, and may do so just as it is used again. */
export const forgetConnections = (): void => agent.destroy();

/** A server that is asked, and the process behind it. */
export interface Asked {
  pid: number;
  headers?: Record<string, string>;
}

/** The body of an answer, as it came; anything but 200 fails. */
export async function fetchBody(url: string, { headers = {} }: Pick<Asked, 'headers'> = {}): Promise<Buffer> {
  const request = get(url, { agent, headers: { ...headers, 'accept-encoding': 'identity' } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const body = Buffer.concat(parts);
  if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode} ${body.toString().slice(0, 300)}`);
  return body;
}

export interface Cost {
  /** Medians for one question, ms: until the last byte has come, and of CPU in the server. */
  wall: number;
  cpu: number;
  /** The first time it was asked, wall ms. */
  first: number;
  bytes: number;
}

/**
 * Puts a question to several servers by turns, so that what else the machine does hits all alike. A question is one request or
 * several at the same time, as a dashboard sends them.
 */
export async function compareCosts(
  questions: ReadonlyMap<string, { asked: Asked; urls: readonly string[] }>,
  rounds: number,
): Promise<Map<string, Cost>> {
  const seen = new Map([...questions.keys()].map((name) => [name, { wall: [0], cpu: [0], bytes: 0 }]));
  for (const own of seen.values()) own.wall.length = own.cpu.length = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, { asked, urls }] of questions) {
      const own = seen.get(name);
      const [cpuBefore, before] = [cpuSeconds(asked.pid), performance.now()];
      const bodies = await Promise.all(urls.map((url) => fetchBody(url, asked)));
      own?.wall.push(performance.now() - before);
      // What a server does behind its answer, as freeing memory, belongs to it.
      await pause(5);
      own?.cpu.push((cpuSeconds(asked.pid) - cpuBefore) * 1_000);
      if (own) own.bytes = bodies.reduce((sum, { length }) => sum + length, 0);
    }
  }
  return new Map(
    [...seen].map(([name, { wall, cpu, bytes }]) => [
      name,
      { wall: median(wall.slice(1)), cpu: median(cpu.slice(1)), first: wall[0] ?? Number.NaN, bytes },
    ]),
  );
}
