// Root's half of an update: checks update.bundle, writes it into the slot that is not running, and starts the machine anew. A power cut while
// it writes does no harm: the slot is not started until it is whole, and the bundle is there to begin again.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBundle, piecesOf, Refusal } from './bundle.mjs';

const read = (file) => readFileSync(file, 'utf8').trim();

/** Where things are; tests say others. */
export function placesOf(env = process.env) {
  return {
    run: env.REEVE_SYSTEM_RUN ?? '/run/reeve-system',
    orders: env.REEVE_SYSTEM_ORDERS ?? '/var/lib/reeve-system',
    share: env.REEVE_SHARE ?? '/usr/share/reeve',
    data: env.REEVE_DATA ?? '/var/lib/reeve',
    board: env.REEVE_BOARD ?? '/usr/lib/reeve-system/board',
    cmdline: env.REEVE_CMDLINE ?? '/proc/cmdline',
    reboot: env.REEVE_REBOOT ?? 'systemctl reboot',
  };
}

/** Writes beside and renames, so that nobody reads half of it. */
export function writeWhole(file, text) {
  writeFileSync(`${file}.new`, text, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}

function boardOf(places) {
  return (...words) => {
    const { status, stdout, stderr } = spawnSync(places.board, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`board ${words.join(' ')} failed: ${stderr}`);
    return stdout.trim();
  };
}

function dataFormatOf(places) {
  try {
    return Number(JSON.parse(read(join(places.data, 'format.json'))).format) || 0;
  } catch {
    return 0;
  }
}

/** Writes one file into a slot and reads it back from there: the medium may be worn, and the bundle is not root's. */
async function writeFileOf({ board, places }, { slot, name, entry, handle, sha256, tell }) {
  const child = spawn(places.board, ['write', slot, name], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise((done) => child.on('close', done));
  child.stdin.on('error', () => undefined);
  for (const piece of piecesOf(handle, entry)) {
    if (!child.stdin.write(piece)) await Promise.race([new Promise((done) => child.stdin.once('drain', done)), ended]);
    tell(piece.length);
  }
  child.stdin.end();
  if ((await ended) !== 0) throw new Error(`${name} could not be written to slot ${slot}`);
  const hash = createHash('sha256');
  const reader = spawn(places.board, ['check', slot, name, String(entry.bytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const piece of reader.stdout) hash.update(piece);
  if (hash.digest('hex') !== sha256)
    throw new Error(`${name} reads back otherwise than it was written: the disk or card may be worn out`);
  return board;
}

async function writeSlot(tools, { slot, manifest, entries, handle, tell }) {
  const all = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const progress = (bytes) => {
    done += bytes;
    tell(done / all);
  };
  process.stderr.write(`update: writing ${manifest.version} to slot ${slot}\n`);
  tools.board('begin', slot);
  for (const [name, { sha256 }] of Object.entries(manifest.files))
    await writeFileOf(tools, { slot, name, entry: entries[name], handle, sha256, tell: progress });
  tools.board('commit', slot, manifest.version);
}

/** Tells how far it is, in steps of a hundredth. */
function teller(places) {
  let last = '';
  return (state, { version = null, done = 0, reason = null }) => {
    const share = Math.round(done * 100) / 100;
    if (`${state}${share}` === last) return;
    last = `${state}${share}`;
    writeWhole(
      join(places.run, 'update.json'),
      `${JSON.stringify({ state, version, done: share, reason, at: Date.now() })}\n`,
    );
  };
}

/** Does what update.bundle asks for; answers whether the machine is to start anew. */
export async function update(places = placesOf()) {
  const bundle = join(places.orders, 'update.bundle');
  const board = boardOf(places);
  const say = teller(places);
  let version = null;
  try {
    say('checking', {});
    const own = /reeve\.slot=([AB])/.exec(read(places.cmdline))?.[1] ?? 'A';
    const slot = own === 'A' ? 'B' : 'A';
    if (!board('state', own).startsWith('good'))
      throw new Refusal('The version that runs has not been found healthy yet. Try again when it has.');
    const [kind, architecture] = [read(join(places.share, 'board')), read(join(places.share, 'architecture'))];
    const here = { board: kind, architecture, dataFormat: dataFormatOf(places), files: board('files').split(' ') };
    const key = read(join(places.share, 'update-key.pem'));
    const opened = openBundle(bundle, { key, here, tell: (done) => say('checking', { done: done / 2 }) });
    ({ version } = opened.manifest);
    await writeSlot(
      { board, places },
      { ...opened, slot, tell: (done) => say('writing', { version, done: 0.5 + done / 2 }) },
    );
    closeSync(opened.handle);
    say('restarting', { version, done: 1 });
    rmSync(bundle);
    return true;
  } catch (error) {
    rmSync(bundle, { force: true });
    const reason = error instanceof Refusal ? error.message : `It could not be installed: ${error.message}.`;
    say('refused', { version, reason });
    process.stderr.write(`update refused: ${reason}\n`);
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const places = placesOf();
  if (await update(places)) spawnSync('sh', ['-c', places.reboot], { stdio: 'inherit' });
}
