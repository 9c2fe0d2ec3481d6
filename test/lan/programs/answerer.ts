// A machine that answers as Windows, a name server and a bridge for lamps do, and tells which packets for wake-on-LAN it hears.
import { createSocket, type Socket } from 'node:dgram';

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const own: string = JSON.parse(process.argv[2] ?? '{}').address;
const reverse = `${own.split('.').reverse().join('.')}.in-addr.arpa`;

function hear(port: number, answer: (packet: Buffer, socket: Socket) => Buffer | undefined): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (packet, from) => {
    const said = answer(packet, socket);
    if (said) socket.send(said, from.port, from.address);
  });
  return new Promise((resolve) => socket.bind(port, '0.0.0.0', () => resolve(socket)));
}

const labels = (name: string): Buffer =>
  Buffer.concat([...name.split('.').map((part) => Buffer.from([part.length, ...Buffer.from(part)])), Buffer.alloc(1)]);

/** Says its name where it is asked for its own address, and that there is no such name else. */
function named(query: Buffer, name: string): Buffer {
  const isOwn = query.includes(labels(reverse));
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(isOwn ? 0x8400 : 0x8403, 2);
  head.writeUInt16BE(isOwn ? 1 : 0, 6);
  if (!isOwn) return Buffer.concat([head, query.subarray(12)]);
  const record = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, labels(name).length]);
  return Buffer.concat([head, query.subarray(12), record, labels(name)]);
}

/** A node status: the group that it is in, and its name. */
function nodeStatus(query: Buffer): Buffer {
  const entry = (name: string, flags: number): Buffer =>
    Buffer.from([...Buffer.from(name.padEnd(15)), 0, flags >> 8, flags & 255]);
  const names = Buffer.concat([Buffer.from([2]), entry('WORKGROUP', 0x8400), entry('NAS', 0x0400)]);
  const head = Buffer.from([...query.subarray(0, 2), 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  const about = Buffer.from([0, 0x21, 0, 1, 0, 0, 0, 0, 0, names.length]);
  return Buffer.concat([head, query.subarray(12, 46), about, names]);
}

const FOUND = [
  ...['HTTP/1.1 200 OK', 'ST: urn:schemas-upnp-org:device:basic:1', `LOCATION: http://${own}/description.xml`],
  ...['SERVER: Linux/3.14 UPnP/1.0 IpBridge/1.56.0', '', ''],
].join('\r\n');

async function begin(): Promise<void> {
  await hear(137, nodeStatus);
  await hear(5355, (query) => named(query, 'nas'));
  await hear(53, (query) => named(query, 'nas.lan'));
  const ssdp = await hear(1900, (query) => (query.includes('ssdp:discover') ? Buffer.from(FOUND) : undefined));
  ssdp.addMembership('239.255.255.250', own);
  await hear(9, (packet) => {
    say({ kind: 'woken', packet: packet.toString('hex') });
    return undefined;
  });
  say({ kind: 'ready' });
}

void begin();
