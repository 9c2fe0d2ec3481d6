import { createSocket } from 'node:dgram';

const PORT = 9;
const TIMES = 3;

/** The packet that wakes a card: six bytes of ones, and the MAC sixteen times. */
export function magicPacket(mac: string): Buffer {
  const card = Buffer.from(mac.replaceAll(':', ''), 'hex');
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => card)]);
}

/** Sends it to everybody of a subnet, from the interface that is in it; three times, because nobody says that it came. */
export async function wake(mac: string, { from, broadcast }: { from: string; broadcast: string }): Promise<void> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: from, port: 0, exclusive: true }, resolve);
    });
    socket.setBroadcast(true);
    const packet = magicPacket(mac);
    for (let n = 0; n < TIMES; n++)
      await new Promise<void>((resolve, reject) => {
        socket.send(packet, PORT, broadcast, (error) => (error ? reject(error) : resolve()));
      });
  } finally {
    socket.close();
  }
}
