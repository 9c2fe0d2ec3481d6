import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A TCP port that was free a moment ago. Prefer port 0 and the port that the server reports; this is for tests about fixed ports. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  const held = await holdPort(0, address);
  await held.release();
  return held.port;
}

/** Occupies a port, as another program would, until `release`. */
export async function holdPort(
  port = 0,
  address = '127.0.0.1',
): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  server.listen(port, address);
  await once(server, 'listening');
  const { port: held } = server.address() as AddressInfo;
  return {
    port: held,
    release: () => new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve()))),
  };
}
