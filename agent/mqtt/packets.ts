/** What a broker says, as far as a publisher needs it (MQTT 3.1.1). */
export type FromBroker =
  | { kind: 'connack'; code: number }
  | { kind: 'puback'; id: number }
  | { kind: 'pingresp' }
  | { kind: 'other'; type: number };

/** The broker says something that is no MQTT, or more than a publisher is ever told. */
export class PacketError extends Error {
  override readonly name = 'PacketError';
  readonly code = 'packet';
}

const TYPE = { connect: 0x10, publish: 0x30, pingreq: 0xc0, disconnect: 0xe0 } as const;
const QOS1 = 0x02;
const DUP = 0x08;
const FLAG = { userName: 0x80, password: 0x40, cleanSession: 0x02 } as const;
/** Nothing that a publisher is told is longer than four bytes. */
const MOST_BYTES = 128;

/** A length in groups of seven bits, lowest first (§2.2.3). */
function lengthOf(bytes: number): Buffer {
  const groups: number[] = [];
  let rest = bytes;
  do {
    groups.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(groups);
}

function field(content: string): Buffer {
  const text = Buffer.from(content, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}

const number16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

function packet(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type]), lengthOf(body.length), body]);
}

export interface Connect {
  clientId: string;
  userName?: string;
  password?: string;
  /** Seconds after which a silent side is taken for gone. */
  keepAliveS: number;
}

/** CONNECT of a clean session: what was not acknowledged is published again by the agent, which has it on disk. */
export function connectPacket({ clientId, userName, password, keepAliveS }: Connect): Buffer {
  const flags =
    FLAG.cleanSession | (userName === undefined ? 0 : FLAG.userName) | (password === undefined ? 0 : FLAG.password);
  const credentials = [userName, password].flatMap((each) => (each === undefined ? [] : [field(each)]));
  return packet(
    TYPE.connect,
    field('MQTT'),
    Buffer.from([4, flags]),
    number16(keepAliveS),
    field(clientId),
    ...credentials,
  );
}

/** PUBLISH at QoS 1; `isAgain` marks one that may have come already. */
export const publishPacket = (message: { id: number; topic: string; payload: string; isAgain: boolean }): Buffer =>
  packet(
    TYPE.publish | QOS1 | (message.isAgain ? DUP : 0),
    field(message.topic),
    number16(message.id),
    Buffer.from(message.payload, 'utf8'),
  );

export const pingPacket = (): Buffer => packet(TYPE.pingreq);
export const disconnectPacket = (): Buffer => packet(TYPE.disconnect);

/** Takes bytes as they come and hands out whole packets. Throws `PacketError`. */
export class PacketReader {
  #rest: Buffer = Buffer.alloc(0);

  take(bytes: Buffer): FromBroker[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const packets: FromBroker[] = [];
    for (;;) {
      const head = this.#head();
      if (!head || this.#rest.length < head.size + head.length) return packets;
      const body = this.#rest.subarray(head.size, head.size + head.length);
      packets.push(read(this.#rest[0] ?? 0, body));
      this.#rest = this.#rest.subarray(head.size + head.length);
    }
  }

  #head(): { size: number; length: number } | undefined {
    let length = 0;
    for (let i = 1; i <= 4; i++) {
      const byte = this.#rest[i];
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * 128 ** (i - 1);
      if (length > MOST_BYTES) break;
      if ((byte & 0x80) === 0) return { size: i + 1, length };
    }
    throw new PacketError('the broker says more than a publisher is ever told, or no MQTT');
  }
}

function read(first: number, body: Buffer): FromBroker {
  const type = first >> 4;
  if (type === 2 && body.length === 2) return { kind: 'connack', code: body[1] ?? 0xff };
  if (type === 4 && body.length === 2) return { kind: 'puback', id: body.readUInt16BE(0) };
  if (type === 13 && body.length === 0) return { kind: 'pingresp' };
  if (type === 2 || type === 4 || type === 13 || type === 0 || type === 15)
    throw new PacketError('the broker says something that is no MQTT 3.1.1');
  return { kind: 'other', type };
}
