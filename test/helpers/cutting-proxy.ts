import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server on this machine that can be cut on the near side only: the server does not hear of it. */
export interface CuttingProxy {
  readonly port: number;
  /** Ends what is connected; new connections go through. */
  cut(): void;
  close(): Promise<void>;
}

/** `change` may replace what the server says. */
export async function cuttingProxy(to: number, change = (data: Buffer): Buffer => data): Promise<CuttingProxy> {
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  const server = createServer((socket) => {
    const other = connect(to, '127.0.0.1');
    near.add(socket);
    far.add(other);
    socket.on('data', (data) => other.write(data)).on('error', () => undefined);
    other.on('data', (data) => socket.write(change(data))).on('error', () => undefined);
    other.on('close', () => {
      far.delete(other);
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const socket of near) socket.destroy();
      near.clear();
    },
    async close() {
      for (const socket of [...near, ...far]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
