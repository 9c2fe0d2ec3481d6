import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { newId } from '../../ids.ts';
import type { Seal } from '../../seal.ts';
import type { Collection, Document, DocumentStore, Kind } from '../../store/documents.ts';

/** The appliance's key towards push services, private half sealed; one for the whole appliance. */
interface SenderRecord extends Document {
  sealed: string;
}

export const senderRecords: Kind<SenderRecord> = {
  name: 'push-sender',
  schema: z.looseObject({ id: z.string(), siteId: z.string(), rev: z.number().int(), sealed: z.string() }),
  indexes: [],
};

const PURPOSE = 'push sender';
const HOUR_MS = 3_600_000;
/** RFC 8292 §2: at most a day ahead. */
const VALID_MS = 12 * HOUR_MS;

/** Who sends push messages (VAPID, RFC 8292): a browser takes them only from the key that it was subscribed with. */
export class PushSender {
  /** Uncompressed P-256 point in base64url, as browsers want it. */
  readonly publicKey: string;
  readonly #key: KeyObject;

  constructor(secret: Buffer) {
    const pair = createECDH('prime256v1');
    pair.setPrivateKey(secret);
    const point = pair.getPublicKey();
    this.publicKey = point.toString('base64url');
    const half = (from: number): string => point.subarray(from, from + 32).toString('base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: half(1), y: half(33), d: secret.toString('base64url') };
    this.#key = createPrivateKey({ key: jwk, format: 'jwk' });
  }

  /** The key on record; made at the first call, and anew when it was sealed with another master key: browsers then have to ask again. */
  static async open(documents: DocumentStore, seal: Seal, now: number): Promise<PushSender> {
    const records = await documents.collection(senderRecords);
    const [known] = await records.find();
    const secret = known && opened(seal, known.sealed);
    return new PushSender(secret ?? (await makeNew(records, known, { seal, now })));
  }

  /** The `Authorization` header for an endpoint; `contact` is whom its operator may write to. */
  authorization(endpoint: string, contact: string, now: number): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      aud: new URL(endpoint).origin,
      exp: Math.floor((now + VALID_MS) / 1_000),
      sub: `mailto:${contact}`,
    };
    const text = `${part({ typ: 'JWT', alg: 'ES256' })}.${part(claims)}`;
    const signature = sign('sha256', Buffer.from(text), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `vapid t=${text}.${signature.toString('base64url')}, k=${this.publicKey}`;
  }
}

function opened(seal: Seal, sealed: string): Buffer | undefined {
  try {
    return Buffer.from(seal.open(sealed, PURPOSE), 'base64url');
  } catch {
    return undefined;
  }
}

async function makeNew(
  records: Collection<SenderRecord>,
  known: SenderRecord | undefined,
  { seal, now }: { seal: Seal; now: number },
): Promise<Buffer> {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  // Leading zeros are left out by OpenSSL, and a JWK must have all 32 bytes.
  const secret = Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex');
  const sealed = seal.seal(secret.toString('base64url'), PURPOSE);
  if (known) await records.update({ ...known, sealed });
  else await records.insert({ id: newId(now), siteId: '', sealed });
  return secret;
}
