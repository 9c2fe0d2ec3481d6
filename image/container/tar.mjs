// Tar files as container images have them: POSIX ustar, nothing but names, kinds, rights and one time, so that the same files are the same bytes.

const BLOCK = 512;
const KINDS = { file: '0', link: '2', folder: '5' };
const NAMES = Object.fromEntries(Object.entries(KINDS).map(([kind, sign]) => [sign, kind]));

/** `name` (100 bytes) and `prefix` (155) of a path. */
function splitPath(path) {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return [prefix, name];
  }
  throw new Error(`the path is too long for a tar: ${path}`);
}

/** The header of an entry `{path, kind, mode, uid, gid, link}` with that many bytes behind it. `time`: seconds since 1970. */
export function headerOf({ path, kind, mode, uid = 0, gid = 0, link = '' }, { size = 0, time }) {
  const header = Buffer.alloc(BLOCK);
  const [prefix, name] = splitPath(kind === 'folder' ? `${path}/` : path);
  const octal = (value, at, length) => header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
  if (Buffer.byteLength(link) > 100) throw new Error(`the target of a link is too long for a tar: ${link}`);
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(size, 124, 12);
  octal(time, 136, 12);
  header.write(' '.repeat(8), 148);
  header.write(KINDS[kind], 156);
  header.write(link, 157);
  header.write('ustar\x0000', 257);
  header.write(prefix, 345);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return header;
}

/** Pieces of a tar of entries whose content `bytesOf` gives, sorted by their paths. */
export function* tarPieces(entries, { time, bytesOf }) {
  for (const entry of entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const bytes = entry.kind === 'file' ? bytesOf(entry) : Buffer.alloc(0);
    yield headerOf(entry, { size: bytes.length, time });
    yield bytes;
    yield Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** Files, folders and links of a tar, with their bytes; other kinds are left out. */
export function entriesOf(tar) {
  const text = (at, length) => tar.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  const entries = [];
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const prefix = text(at + 345, 155);
    const path = `${prefix ? `${prefix}/` : ''}${text(at, 100)}`.replace(/^\.\//, '').replace(/\/$/, '');
    const kind = NAMES[text(at + 156, 1) || '0'];
    const bytes = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (kind && path)
      entries.push({ path, kind, mode: Number.parseInt(text(at + 100, 8), 8), link: text(at + 157, 100), bytes });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}
