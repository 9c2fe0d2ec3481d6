// Holds a UDP port for itself alone, as another mDNS responder without address sharing does.
import { createSocket } from 'node:dgram';

const { port } = JSON.parse(process.argv[2] ?? '{}');
const socket = createSocket({ type: 'udp4', reuseAddr: false });
socket.bind(port, () => process.stdout.write(`${JSON.stringify({ kind: 'ready' })}\n`));
