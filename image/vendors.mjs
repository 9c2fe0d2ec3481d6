// The registry of the IEEE (npm package oui-data, BSD-2-Clause) as one file that a search needs no memory for: see appliance/network/vendors.ts.

const TABLES = [9, 7, 6];
const ENTRY = 8;
const LONGEST_NAME = 60;

/** First line of an entry: the company; no control characters, at most 60 bytes. */
function nameOf(entry) {
  const line = String(entry)
    .split('\n')[0]
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  let cut = line;
  while (Buffer.byteLength(cut) > LONGEST_NAME) cut = cut.slice(0, -1);
  return cut;
}

/** Makes the file's bytes of `{ "001A2B": "Company\nAddress…" }`; keys have 6, 7 or 9 digits. */
export function packVendors(data) {
  const places = new Map();
  const names = [];
  let size = 0;
  const placeOf = (name) => {
    const known = places.get(name);
    if (known !== undefined) return known;
    const bytes = Buffer.from(name);
    places.set(name, size);
    names.push(Buffer.from([bytes.length]), bytes);
    size += bytes.length + 1;
    return places.get(name);
  };
  const tables = TABLES.flatMap((digits) => {
    const found = Object.entries(data).filter(
      ([key, entry]) => key.length === digits && /^[0-9A-F]+$/i.test(key) && nameOf(entry),
    );
    const sorted = found.map(([key, entry]) => [Number.parseInt(key, 16), nameOf(entry)]).sort((a, b) => a[0] - b[0]);
    const bytes = Buffer.alloc(4 + sorted.length * ENTRY);
    bytes.writeUInt32BE(sorted.length, 0);
    for (const [n, [prefix, name]] of sorted.entries()) {
      bytes.writeUIntBE(prefix, 4 + n * ENTRY, 5);
      bytes.writeUIntBE(placeOf(name), 4 + n * ENTRY + 5, 3);
    }
    return bytes;
  });
  return Buffer.concat([Buffer.from('RVOU'), ...tables, ...names]);
}
