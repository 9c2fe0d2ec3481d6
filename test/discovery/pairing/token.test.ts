import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeBase32, encodeBase32 } from '../../../discovery/pairing/base32.ts';
import { PairingError } from '../../../discovery/pairing/failure.ts';
import { deriveKeys, makeToken, parseToken, tokenText } from '../../../discovery/pairing/token.ts';
import { tokenId } from '../../../protocol/pairing.ts';

const caHash = createHash('sha256').update('ca').digest();
const token = makeToken(randomBytes, caHash);
const text = tokenText(token);

const failure = (odd: string): PairingError => {
  try {
    parseToken(odd);
  } catch (error) {
    if (error instanceof PairingError) return error;
  }
  throw new Error('parseToken accepted it');
};

describe('the token text', () => {
  it('reads back as it was made', () => {
    expect(text).toMatch(/^RV(-[0-9A-HJKMNP-TV-Z]{4}){17}$/);
    const read = parseToken(text);
    expect(read.tokenId).toBe(token.tokenId);
    expect(Buffer.from(read.secret)).toEqual(Buffer.from(token.secret));
    expect(Buffer.from(read.caHash)).toEqual(caHash.subarray(0, 16));
    expect(tokenId.safeParse(read.tokenId).success).toBe(true);
  });

  it.each([
    ['in lower case', text.toLowerCase()],
    ['without dashes', text.replaceAll('-', '')],
    ['with spaces and a line break', ` ${text.replaceAll('-', ' ')}\n`],
    ['with the dashes of a word processor', text.replaceAll('-', '\u2013')],
    ['with I, l and o for 1, 1 and 0', text.replace(/1/g, 'l').replace(/0/g, 'o')],
  ])('is understood %s', (_, odd) => {
    expect(Buffer.from(parseToken(odd).secret)).toEqual(Buffer.from(token.secret));
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['hello', 'RV-'],
    [text.slice(0, -5), 'should have 68'],
    [`${text}-${text.slice(3)}`, 'should have 68'],
    [`RV-U${text.slice(4)}`, '"U"'],
    [text.replace('-', '-\u0000'), 'cannot be in a token'],
    ['R'.repeat(100_000), 'too long'],
  ])('is refused with the reason: %j', (odd, reason) => {
    const error = failure(odd);
    expect(error.code).toBe('token-malformed');
    expect(error.message).toContain(reason);
  });

  it('names a typing mistake, wherever it is', () => {
    let missed = 0;
    for (let at = 3; at < text.length; at++) {
      const typed = text[at] ?? '';
      if (typed === '-') continue;
      const odd = text.slice(0, at) + (typed === 'A' ? 'B' : 'A') + text.slice(at + 1);
      try {
        parseToken(odd);
        missed++;
      } catch (error) {
        expect((error as PairingError).message).toContain('typing mistake');
      }
    }
    expect(missed).toBeLessThanOrEqual(2); // ten check bits: one in 1024 slips through, and is then simply not proven
  });
});

describe('the keys of a token', () => {
  it('differ between the two roles, the tokens and the ids', () => {
    const other = makeToken(randomBytes, caHash);
    const keys = [token, other, { ...token, tokenId: other.tokenId }].flatMap((of) => Object.values(deriveKeys(of)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(6);
    expect(deriveKeys(parseToken(text))).toEqual(deriveKeys(token));
  });
});

describe('base32', () => {
  it('gives back every length of bytes', () => {
    for (let length = 0; length < 45; length++) {
      const bytes = randomBytes(length);
      expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
    }
  });

  it('has one text for each value only', () => {
    expect(decodeBase32('00')).toEqual(Buffer.from([0]));
    expect(decodeBase32('01')).toBeUndefined();
    expect(decodeBase32('0U')).toBeUndefined();
  });
});
