// Leads from a Unix socket, which all namespaces share, to a port of this one.
import { connect, createServer } from 'node:net';

const { socket, port } = JSON.parse(process.argv[2] ?? '{}');
createServer((outside) => {
  const inside = connect(port, '127.0.0.1');
  outside.pipe(inside).pipe(outside);
  for (const side of [outside, inside]) side.on('error', () => side.destroy());
}).listen(socket, () => process.stdout.write(`${JSON.stringify({ kind: 'ready' })}\n`));
