/** Crockford's alphabet: no I, L, O or U, so that a token survives being read aloud. https://www.crockford.com/base32.html */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Base32 of the bytes, most significant bit first; the last character is padded with zero bits. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET.charAt((held >> (bits - 5)) & 31);
  }
  return bits > 0 ? text + ALPHABET.charAt((held << (5 - bits)) & 31) : text;
}

/** The bytes of a canonical text; undefined for characters outside the alphabet or padding bits that are not zero. */
export function decodeBase32(text: string): Buffer | undefined {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

/** Upper case, without spaces and dashes (also those that editors put in), and I, L, O read as the digits they look like. */
export function normaliseBase32(text: string): string {
  return text
    .toUpperCase()
    .replace(/[\s\u00ad\u200b\u2010-\u2015\u2212\ufeff_-]/gu, '')
    .replace(/[IL]/g, '1')
    .replace(/O/g, '0');
}
