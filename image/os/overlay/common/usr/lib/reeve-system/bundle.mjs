// Reads the bundle of an update: a plain tar with manifest.json, manifest.sig and the files of a slot, as image/os/bundle.mjs writes it.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const BLOCK = 512;
const MOST_ENTRIES = 16;
const MOST_MANIFEST = 65_536;
const PIECE = 1024 ** 2;

/** Why a bundle is not taken, in words for the owner. */
export class Refusal extends Error {}

function bytesAt(handle, at, length) {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(handle, bytes, 0, length, at));
}

function entryAt(handle, at, size) {
  const head = bytesAt(handle, at, BLOCK);
  if (head.length < BLOCK) throw new Refusal('The file ends too early.');
  if (head.every((byte) => byte === 0)) return undefined;
  const sum = head.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  const text = (from, length) => head.toString('latin1', from, from + length).replace(/[\0 ].*$/s, '');
  const bytes = Number.parseInt(text(124, 12), 8);
  const isPlain = ['0', ''].includes(text(156, 1)) && text(345, 155) === '';
  if (Number.parseInt(text(148, 8).trim(), 8) !== sum || !isPlain || !(bytes >= 0))
    throw new Refusal('This is not an update of Reeve.');
  if (at + BLOCK + bytes > size) throw new Refusal('The file ends too early.');
  return { name: text(0, 100), at: at + BLOCK, bytes };
}

function entriesOf(handle) {
  const stat = fstatSync(handle);
  if (!stat.isFile()) throw new Refusal('This is not a file.');
  const entries = [];
  for (let at = 0; at < stat.size; ) {
    const entry = entryAt(handle, at, stat.size);
    if (!entry) break;
    entries.push(entry);
    if (entries.length > MOST_ENTRIES) throw new Refusal('This is not an update of Reeve.');
    at = entry.at + Math.ceil(entry.bytes / BLOCK) * BLOCK;
  }
  return entries;
}

/** The manifest, once its signature was checked with `key` (PEM). */
function manifestOf(handle, [first, second], key) {
  const isOurs = first?.name === 'manifest.json' && first.bytes <= MOST_MANIFEST && second?.name === 'manifest.sig';
  if (!isOurs || second.bytes !== 64) throw new Refusal('This is not an update of Reeve.');
  const bytes = bytesAt(handle, first.at, first.bytes);
  if (!verify(null, bytes, createPublicKey(key), bytesAt(handle, second.at, 64)))
    throw new Refusal('The signature is not that of the maker of this image.');
  return JSON.parse(bytes.toString('utf8'));
}

/** Throws where what is signed is not for this machine. `here`: `board`, `architecture`, `dataFormat`, `files` (names, in any order). */
function checkManifest(manifest, here) {
  if (manifest.format !== 1 || manifest.name !== 'reeve' || !/^[0-9A-Za-z.+-]{1,64}$/.test(manifest.version))
    throw new Refusal('This is an update of a kind that this version does not know.');
  if (manifest.board !== here.board || manifest.architecture !== here.architecture)
    throw new Refusal(
      `This update is for another kind of machine (${manifest.board}, ${manifest.architecture}); this one is ${here.board}, ${here.architecture}.`,
    );
  if (!(manifest.dataSchema >= here.dataFormat))
    throw new Refusal(
      `Version ${manifest.version} reads data up to format ${manifest.dataSchema}, and yours has ${here.dataFormat}: it would not start.`,
    );
  if (JSON.stringify(Object.keys(manifest.files).sort()) !== JSON.stringify([...here.files].sort()))
    throw new Refusal('The update does not have the files that belong to it.');
}

/** Pieces of an entry, in order. */
export function* piecesOf(handle, { at, bytes }) {
  for (let done = 0; done < bytes; ) {
    const piece = bytesAt(handle, at + done, Math.min(PIECE, bytes - done));
    if (piece.length === 0) throw new Refusal('The file ends too early.');
    done += piece.length;
    yield piece;
  }
}

/**
 * Opens a bundle and checks all of it: `{ manifest, entries, handle }`. `entries` are those of `manifest.files`, by name. `tell(share)` hears
 * how far the check has come. Throws a `Refusal`; nothing is written.
 */
export function openBundle(file, { key, here, tell = () => undefined }) {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const [first, second, ...rest] = entriesOf(handle);
    const manifest = manifestOf(handle, [first, second], key);
    checkManifest(manifest, here);
    const entries = Object.fromEntries(rest.map((entry) => [entry.name, entry]));
    const all = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
      if (entries[name]?.bytes !== bytes) throw new Refusal(`${name} is not as long as it was when it was signed.`);
      const hash = createHash('sha256');
      for (const piece of piecesOf(handle, entries[name])) {
        hash.update(piece);
        done += piece.length;
        tell(done / all);
      }
      if (hash.digest('hex') !== sha256) throw new Refusal(`${name} is not what was signed.`);
    }
    return { manifest, entries, handle };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}
