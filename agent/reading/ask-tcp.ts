import { connect } from 'node:net';

const LIMIT_MS = 5_000;
const MOST_BYTES = 256 * 1024;

/** Where somebody listens. */
export interface Place {
  host: string;
  port: number;
}

/** Sends bytes to a service and reads its answer until `isWhole` says so or it closes; throws when it takes over 5 s or says too much. */
export function askTcp({ host, port }: Place, question: Buffer, isWhole: (answer: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ host, port });
    const timer = setTimeout(() => end(new Error(`${host}:${port} does not answer`)), LIMIT_MS);
    const end = (error?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve(answer);
    };
    socket.once('connect', () => socket.write(question));
    socket.on('data', (part: Buffer) => {
      answer = Buffer.concat([answer, part]);
      if (answer.length > MOST_BYTES) end(new Error(`${host}:${port} says more than can be taken`));
      else if (isWhole(answer)) end();
    });
    socket.once('error', (error) => end(error));
    socket.once('close', () => end());
  });
}

/** `host`, `host:port` or `[v6]:port`; undefined for anything else. */
export function placeOf(text: string, port: number): Place | undefined {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  return host === undefined ? undefined : { host, port: found?.[3] === undefined ? port : Number(found[3]) };
}
