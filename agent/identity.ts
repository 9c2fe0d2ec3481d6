import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Pairing } from '../discovery/pairing/agent.ts';
import { makeFolder } from './make-folder.ts';

const MOST_URLS = 4;
const FILE = 'agent.json';

/** What the agent knows of its appliance. Whoever has this file is the agent. */
export interface Identity extends Pairing {
  /** Where the appliance was reached, latest first. */
  urls: string[];
}

const text = z.string().check(z.minLength(1), z.maxLength(8_192));
const stored = z.object({
  format: z.literal(1),
  applianceId: text,
  agentId: text,
  ca: text,
  key: z.object({ publicKey: text, privateKeyPem: text }),
  urls: z.array(z.url()).check(z.maxLength(16)),
});

/** The identity cannot be used; the message says why and what to do. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: 'identity-open' | 'identity-damaged' | 'identity-unwritable';

  constructor(code: IdentityError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export const identityPath = (stateDir: string): string => join(stateDir, FILE);

/** Reads the identity; undefined while the agent is not paired. Refuses a file that others can read, and one that is damaged. */
export function readIdentity(stateDir: string): Identity | undefined {
  const path = identityPath(stateDir);
  let json: string;
  try {
    refuseOpen(path);
    json = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error instanceof IdentityError ? error : unusable(stateDir, error);
  }
  const parsed = parse(json);
  if (!parsed) {
    throw new IdentityError(
      'identity-damaged',
      `${path} is damaged. Take it away (reeve-agent unpair) and pair this machine again.`,
    );
  }
  const { format: _, ...identity } = parsed;
  return identity;
}

function parse(json: string) {
  try {
    const result = stored.safeParse(JSON.parse(json));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** Only the owner may read the key, and the owner must be who runs the agent (or root). Windows has no such modes. */
function refuseOpen(path: string): void {
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(path);
  const own = process.geteuid?.();
  if ((mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8);
    throw new IdentityError(
      'identity-open',
      `${path} can be read by others (mode ${shown}). If they had no business there: chmod 600 ${path}. Else pair this machine again.`,
    );
  }
  if (uid !== own && uid !== 0)
    throw new IdentityError(
      'identity-open',
      `${path} belongs to user ${uid}, but the agent runs as ${own}: chown it, or run as its owner.`,
    );
}

/** Writes the identity whole or not at all, for the owner's eyes only. */
export function writeIdentity(stateDir: string, identity: Identity): void {
  const path = identityPath(stateDir);
  const next = `${path}.${process.pid}.next`;
  const urls = [...new Set(identity.urls)].slice(0, MOST_URLS);
  try {
    makeFolder(stateDir);
    // A number of a process is given anew some day: what an ended one left is in the way.
    rmSync(next, { force: true });
    writeDurably(next, `${JSON.stringify({ format: 1, ...identity, urls }, null, 2)}\n`);
    renameSync(next, path);
    syncDirectory(stateDir);
  } catch (error) {
    throw unusable(stateDir, error);
  }
}

/** The state folder cannot be used. */
export function unusable(stateDir: string, error: unknown): IdentityError {
  const reason = error instanceof Error ? error.message : String(error);
  return new IdentityError(
    'identity-unwritable',
    `The identity cannot be kept in ${stateDir}: ${reason}. Give another folder with --state.`,
  );
}

function writeDurably(path: string, content: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    chmodSync(path, 0o600);
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Forgets the appliance. True when there was something to forget. */
export function removeIdentity(stateDir: string): boolean {
  try {
    rmSync(identityPath(stateDir));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
