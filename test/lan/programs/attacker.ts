// Sends everything to the mDNS group that a bad neighbour could: noise, cut and looping packets, a thousand fake services, records
// that point everywhere, goodbyes for others, and more questions than anybody should answer.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

const { seconds } = JSON.parse(process.argv[2] ?? '{}');
const socket = createSocket({ type: 'udp4', reuseAddr: true });
const label = (text: string) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
const name = (...labels: string[]) => Buffer.concat([...labels.map(label), Buffer.from([0])]);
const number = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const TYPE = { A: 1, PTR: 12, TXT: 16, SRV: 33 };
const type = ['_reeve-agent', '_tcp', 'local'];

const header = (flags: number, questions: number, answers: number) =>
  Buffer.concat([number(0, 2), number(flags, 2), number(questions, 2), number(answers, 2), number(0, 4)]);
const record = (owner: Buffer, kind: number, ttl: number, data: Buffer) =>
  Buffer.concat([owner, number(kind, 2), number(1, 2), number(ttl, 4), number(data.length, 2), data]);
const response = (...records: Buffer[]) => Buffer.concat([header(0x8400, 0, records.length), ...records]);

let count = 0;
const txt = (text: string) => Buffer.concat(text.split('|').map(label));
function fake(instance: string, ttl = 120): Buffer {
  const full = name(instance, ...type);
  const srv = Buffer.concat([number(0, 4), number(1, 2), name('h', 'local')]);
  return response(
    record(name(...type), TYPE.PTR, ttl, full),
    record(full, TYPE.SRV, ttl, srv),
    record(full, TYPE.TXT, ttl, txt('id=x|host=h|v=1|state=paired')),
    record(name('h', 'local'), TYPE.A, ttl, Buffer.from([127, 0, 0, 1])),
  );
}

const loop = Buffer.concat([
  header(0x8400, 0, 1),
  Buffer.from([0xc0, 12]),
  number(TYPE.PTR, 2),
  number(1, 2),
  number(120, 4),
]);
const hostile: (() => Buffer)[] = [
  () => randomBytes(Math.floor(Math.random() * 1_400)),
  () => Buffer.alloc(0),
  () => loop,
  () => Buffer.concat([header(0x8400, 0, 65_535), randomBytes(200)]),
  () => fake(`fake ${count}`),
  () => fake(`fake ${count}`).subarray(0, 60 + (count % 60)),
  () => fake('__proto__'),
  () => fake('x\u001b[2J'),
  () => fake('honest', 0),
  () =>
    response(
      record(
        name('big', ...type),
        TYPE.TXT,
        120,
        Buffer.concat(Array.from({ length: 5 }, () => label('k='.padEnd(250, 'v')))),
      ),
    ),
  () =>
    response(...Array.from({ length: 60 }, () => record(name(...type), TYPE.PTR, 120, name(`p${count++}`, ...type)))),
  () =>
    Buffer.concat([
      header(0, 60, 0),
      ...Array.from({ length: 60 }, () => Buffer.concat([name(...type), number(255, 2), number(1, 2)])),
    ]),
];

socket.bind(5353, () => {
  socket.setMulticastInterface(process.env.ATTACK_FROM ?? '0.0.0.0');
  const endsAt = Date.now() + seconds * 1_000;
  const burst = () => {
    for (let i = 0; i < 50; i++) {
      const make = hostile[count++ % hostile.length];
      if (make) socket.send(make(), 5353, '224.0.0.251', () => undefined);
    }
    if (Date.now() < endsAt) return setTimeout(burst, 10);
    process.stdout.write(`${JSON.stringify({ kind: 'done', sent: count })}\n`);
    return setTimeout(() => process.exit(0), 100);
  };
  burst();
});
