// Finds what of one file is worth having at hand while another is packed.

/** Bytes that have to be the same for two places to count as alike. */
const KEY = 32;
const SLOTS = 2 ** 24;

/** Of `KEY` bytes; 0 where they are all the same word, as in what is filled with zeros. */
function hashAt(bytes, at) {
  let hash = 0;
  let isPlain = true;
  const first = bytes.readInt32LE(at);
  for (let n = 0; n < KEY; n += 4) {
    const word = bytes.readInt32LE(at + n);
    if (word !== first) isPlain = false;
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return isPlain ? 0 : (hash >>> 8) % SLOTS || 1;
}

/** An index of what stands in `bytes`, for `alike`. */
export function indexOf(bytes) {
  const places = new Int32Array(SLOTS).fill(-1);
  for (let at = 0; at + KEY <= bytes.length; at += KEY) {
    const hash = hashAt(bytes, at);
    if (hash !== 0 && places[hash] === -1) places[hash] = at;
  }
  return { bytes, places };
}

/** Numbers of the pieces of the indexed bytes, of `size` each, that have most in common with `chunk`: at most `most`, in ascending order. */
export function alike({ bytes, places }, chunk, { size, most }) {
  const common = new Float64Array(Math.ceil(bytes.length / size));
  for (let at = 0; at + KEY <= chunk.length; ) {
    const place = places[hashAt(chunk, at)];
    const isSame = place >= 0 && chunk.compare(bytes, place, place + KEY, at, at + KEY) === 0;
    if (isSame) common[Math.floor(place / size)] += KEY;
    at += isSame ? KEY : 1;
  }
  return [...common.keys()]
    .filter((piece) => common[piece] > 0)
    .sort((one, other) => common[other] - common[one] || one - other)
    .slice(0, most)
    .sort((one, other) => one - other);
}
