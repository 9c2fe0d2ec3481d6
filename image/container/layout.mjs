// An OCI image layout is JSON and packed tars, each named by its hash: https://github.com/opencontainers/image-spec, image-layout.md.
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { tarPieces } from './tar.mjs';

const TYPES = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

const blobs = (layout) => join(layout, 'blobs/sha256');

function writeBlob(layout, mediaType, value) {
  const bytes = Buffer.from(JSON.stringify(value));
  const hash = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(join(blobs(layout), hash), bytes);
  return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
}

/** Lets pieces through, and knows their hash and length when they are at their end. */
function counting() {
  const hash = createHash('sha256');
  const seen = { size: 0, digest: () => `sha256:${hash.digest('hex')}` };
  const through = new Transform({
    transform(piece, _, done) {
      hash.update(piece);
      seen.size += piece.length;
      done(null, piece);
    },
  });
  return { seen, through };
}

/** Writes a layer, and answers with its descriptor and the hash of what is in it unpacked. `level`: zlib's. */
export async function writeLayer(layout, entries, { time, level = 9 }) {
  mkdirSync(blobs(layout), { recursive: true });
  const file = join(layout, 'layer.new');
  const [plain, packed] = [counting(), counting()];
  const bytesOf = ({ bytes, file: from }) => bytes ?? readFileSync(from);
  const pieces = Readable.from(tarPieces(entries, { time, bytesOf }));
  await pipeline(pieces, plain.through, createGzip({ level }), packed.through, createWriteStream(file));
  const digest = packed.seen.digest();
  renameSync(file, join(blobs(layout), digest.slice(7)));
  return { descriptor: { mediaType: TYPES.layer, digest, size: packed.seen.size }, diffId: plain.seen.digest() };
}

/** Writes one machine's image and answers with its descriptor. */
export function writeImage(layout, { architecture, layers, config, created, annotations }) {
  const platform = { architecture, os: 'linux', ...(architecture === 'arm64' ? { variant: 'v8' } : {}) };
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  const history = layers.map(({ name }) => ({ created, created_by: name }));
  const about = writeBlob(layout, TYPES.config, { created, ...platform, config, rootfs, history });
  const manifest = {
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: about,
    layers: layers.map(({ descriptor }) => descriptor),
    annotations,
  };
  return { ...writeBlob(layout, TYPES.manifest, manifest), platform };
}

/** Writes what a layout begins with: one name for the images of all machines. */
export function writeIndex(layout, { manifests, name, annotations }) {
  const index = { schemaVersion: 2, mediaType: TYPES.index, manifests, annotations };
  const descriptor = {
    ...writeBlob(layout, TYPES.index, index),
    annotations: {
      'org.opencontainers.image.ref.name': name.split(':')[1],
      'io.containerd.image.name': `docker.io/library/${name}`,
    },
  };
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: TYPES.index, manifests: [descriptor] }),
  );
}
