// Updates: a tar of a manifest, its signature and the files of a slot.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../prepare.mjs';
import { sha256Of } from './disk.mjs';
import { dataSchema, version } from './release.mjs';
import { run, say } from './run.mjs';

const OWN_KEY = join(ROOT, 'dist/update-key.pem');

/** The key that signs updates: the file that REEVE_IMAGE_KEY names, or one of this folder's own that is made once and never committed. */
export function updateKey(file = process.env.REEVE_IMAGE_KEY) {
  if (!file && !existsSync(OWN_KEY)) {
    mkdirSync(dirname(OWN_KEY), { recursive: true });
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(OWN_KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    say(`A key for updates was made: ${OWN_KEY}. Keep it: images that carry its other half take updates of no other.`);
  }
  const key = createPrivateKey(readFileSync(file || OWN_KEY));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file} is not an Ed25519 key`);
  return key;
}

/** The half that goes into the image, PEM. */
export const publicHalf = (key) => createPublicKey(key).export({ type: 'spki', format: 'pem' });

/** Writes a bundle. `parts` are files by name; `about` is what the manifest says beside them. */
export function makeBundle({ file, folder, parts, about, key }) {
  const files = Object.fromEntries(
    Object.entries(parts).map(([name, path]) => [name, { bytes: statSync(path).size, sha256: sha256Of(path) }]),
  );
  const manifest = Buffer.from(`${JSON.stringify({ format: 1, name: 'reeve', ...about, files }, null, 2)}\n`);
  writeFileSync(join(folder, 'manifest.json'), manifest);
  writeFileSync(join(folder, 'manifest.sig'), sign(null, manifest, key));
  const order = [
    '--format=ustar',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=0644',
    '--mtime=@0',
    '--dereference',
  ];
  const places = Object.entries(parts).flatMap(([name, path]) => ['-C', dirname(path), named(name, path)]);
  run('tar', ['--create', '--file', file, ...order, '-C', folder, 'manifest.json', 'manifest.sig', ...places]);
}

/** What a bundle of packed executables (`buildPacks`) is made of, and what its manifest says beside them. `licences`: the file of theirs. */
export function executablesOf(packs, { licences, architecture }) {
  const files = Object.entries(packs).flatMap(([platform, { json, pack }]) => [
    [`${platform}.json`, json],
    [`${platform}.pack`, pack],
  ]);
  const parts = Object.fromEntries([...files, ['LICENCES.txt', licences]]);
  return { parts, about: { board: 'agents', architecture, version: version(), dataSchema: dataSchema() } };
}

function named(name, path) {
  if (basename(path) !== name) throw new Error(`${path} has to be called ${name}`);
  return name;
}
