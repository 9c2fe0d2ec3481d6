import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { makeDirectory, removeDirectory } from '../../helpers/temporary.ts';
import type { TestHost } from './namespaces.ts';

/** Makes a TCP port of a host reachable for the test under the same number on its own loopback; nothing else gets out or in. */
export async function openDoor(host: TestHost, port: number): Promise<() => void> {
  const directory = makeDirectory('reeve-door-');
  const socket = join(directory, 'door');
  const inside = await host.run('door', { socket, port });
  await inside.line({ kind: 'ready' });
  const server = createServer((here) => {
    const there = connect(socket);
    here.pipe(there).pipe(here);
    for (const side of [here, there]) side.on('error', () => side.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return () => {
    server.close();
    inside.kill('SIGKILL');
    removeDirectory(directory);
  };
}
