import { createHash, hkdfSync } from 'node:crypto';
import { PAIRING_LABEL } from '../../protocol/limits.ts';
import { ALPHABET, decodeBase32, encodeBase32, normaliseBase32 } from './base32.ts';
import { PairingError } from './failure.ts';

const PREFIX = 'RV';
/** Characters of each part: 40-bit public id, 160-bit secret, 128 bits of the CA's key hash, 10 bits against typing mistakes. */
const PART = { id: 8, secret: 32, ca: 26, check: 2 } as const;
const LENGTH = PART.id + PART.secret + PART.ca + PART.check;
const CA_HASH_BYTES = 16;
/** Nothing longer is looked at; a whole token with dashes has 87 characters. */
const LONGEST_TEXT = 256;

/** What a token text holds. The secret never leaves the process that parsed or made it. */
export interface Token {
  /** Public half, 8 characters. */
  tokenId: string;
  /** 20 random bytes. */
  secret: Uint8Array;
  /** First 16 bytes of the SHA-256 of the CA's SPKI. */
  caHash: Uint8Array;
}

/** The two keys that the secret stands for: `agent` proves the agent, `appliance` the appliance. 32 bytes each. */
export interface TokenKeys {
  agent: Buffer;
  appliance: Buffer;
}

/** Makes a token out of 25 random bytes for the appliance whose CA has this SPKI hash. */
export function makeToken(random: (bytes: number) => Uint8Array, caSpkiHash: Uint8Array): Token {
  return { tokenId: encodeBase32(random(5)), secret: random(20), caHash: caSpkiHash.subarray(0, CA_HASH_BYTES) };
}

const checkCharacters = (body: string): string =>
  encodeBase32(createHash('sha256').update(`${PAIRING_LABEL} check `).update(body).digest()).slice(0, PART.check);

/** The text that people copy: `RV-` and groups of four. */
export function tokenText({ tokenId, secret, caHash }: Token): string {
  const body = tokenId + encodeBase32(secret) + encodeBase32(caHash);
  return [PREFIX, ...((body + checkCharacters(body)).match(/.{1,4}/g) ?? [])].join('-');
}

/** Reads a token that people pasted or typed; throws `token-malformed` with what is wrong and what to do. */
export function parseToken(text: string): Token {
  const body = tokenBody(text);
  const secretAt = PART.id;
  const caAt = secretAt + PART.secret;
  const checkAt = caAt + PART.ca;
  const secret = decodeBase32(body.slice(secretAt, caAt));
  const caHash = decodeBase32(body.slice(caAt, checkAt));
  if (!secret || !caHash || checkCharacters(body.slice(0, checkAt)) !== body.slice(checkAt)) {
    throw malformed('The token has a typing mistake: copy it again from the dashboard.');
  }
  return { tokenId: body.slice(0, PART.id), secret, caHash };
}

function tokenBody(text: string): string {
  if (text.length > LONGEST_TEXT) throw malformed('The text is too long to be a token: copy only the token.');
  const plain = normaliseBase32(text);
  if (plain === '') throw malformed('The token is empty.');
  if (!plain.startsWith(PREFIX)) throw malformed('A token starts with RV-: copy it whole from the dashboard.');
  const body = plain.slice(PREFIX.length);
  const odd = [...body].find((character) => !ALPHABET.includes(character));
  if (odd !== undefined) throw malformed(`The character ${JSON.stringify(odd)} cannot be in a token: copy it again.`);
  if (body.length !== LENGTH) {
    throw malformed(`The token has ${body.length} characters after RV-, and should have ${LENGTH}: copy it whole.`);
  }
  return body;
}

const malformed = (message: string) => new PairingError('token-malformed', message);

/** Keys of a token, by HKDF-SHA-256 (RFC 5869); the appliance stores these and never the secret. */
export function deriveKeys({ tokenId, secret }: Pick<Token, 'tokenId' | 'secret'>): TokenKeys {
  const key = (role: string) => Buffer.from(hkdfSync('sha256', secret, PAIRING_LABEL, `${role}|${tokenId}`, 32));
  return { agent: key('agent'), appliance: key('appliance') };
}
