import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Certificates, Leaf } from './certificates.ts';
import { refuseGarbage } from './garbage.ts';
import { StartError } from './start-error.ts';
import type { Web } from './web.ts';

export interface Listeners {
  http: Server;
  https: SecureServer;
  httpPort: number;
  httpsPort: number;
  /** Takes a renewed browser certificate into use. */
  reload(leaf: Leaf): void;
  close(): Promise<void>;
}

/** A client that is slow on purpose must not hold a connection for ever. */
const PATIENCE = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
} as const;

/** Opens both listeners. Agents name themselves by SNI `*.reeve.internal` and see their own leaf, browsers theirs. */
export async function listen(
  app: Web,
  certificates: Certificates,
  { patience = PATIENCE, ...ports }: { http: number; https: number; patience?: Record<keyof typeof PATIENCE, number> },
): Promise<Listeners> {
  const agents = createSecureContext(certificates.agentLeaf);
  const contextFor = (name: string) => (name.endsWith('.reeve.internal') ? agents : undefined);
  const { IncomingMessage, ServerResponse } = app;
  const made = { ...(IncomingMessage && { IncomingMessage }), ...(ServerResponse && { ServerResponse }) };
  const http = createServer({ ...patience, ...made }, app);
  const https = createSecureServer(
    {
      ...patience,
      ...made,
      ...certificates.browserLeaf,
      minVersion: 'TLSv1.2',
      handshakeTimeout: 10_000,
      SNICallback: (name, done) => done(null, contextFor(name)),
    },
    app,
  );
  const connections = new Set<Socket>();
  for (const server of [http, https]) {
    server.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
    });
  }
  await open(http, ports.http, 'REEVE_HTTP_PORT');
  try {
    await open(https, ports.https, 'REEVE_HTTPS_PORT');
  } catch (error) {
    http.close();
    throw error;
  }
  return {
    http,
    https,
    httpPort: (http.address() as AddressInfo).port,
    httpsPort: (https.address() as AddressInfo).port,
    reload: (leaf) => https.setSecureContext(leaf),
    close: async () => {
      await Promise.all([http, https].map((server) => shut(server, connections)));
    },
  };
}

function open(server: Server | SecureServer, port: number, variable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port, variable)));
    server.listen(port, () => {
      server.removeAllListeners('error');
      refuseGarbage(server);
      resolve();
    });
  });
}

function explain(error: NodeJS.ErrnoException, port: number, variable: string): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(
      `Port ${port} is taken by another program: stop that one, or set ${variable} to another port (0 = any free one)`,
    );
  if (error.code === 'EACCES')
    return new StartError(`Port ${port} may not be opened by this user: set ${variable} to one above 1023`);
  return error;
}

/** Cuts every connection. `closeAllConnections` forgets websockets, and a polite end would keep their clients from coming back. */
function shut(server: Server | SecureServer, connections: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of connections) socket.destroy();
  });
}
