import { createPublicKey, verify } from 'node:crypto';
import { type BundleManifest, bundleManifest, type ImageState, MOST_BUNDLE_BYTES } from '../../protocol/machine.ts';
import { isOlder } from '../version-order.ts';

/** A bundle that is not taken; the message says why and what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** Bytes of a block of a tar. */
export const BLOCK = 512;
const MOST_MANIFEST = 32 * 1024;
const SIGNATURE_BYTES = 64;
/** Within so many bytes manifest and signature stand, or it is no bundle. */
export const HEAD_BYTES = MOST_MANIFEST + 4 * BLOCK;

export interface BundleHead {
  manifest: BundleManifest;
  /** As signed. */
  bytes: Buffer;
  signature: Buffer;
}

/**
 * What stands at the beginning of a bundle, a tar: `manifest.json`, then `manifest.sig`. Undefined while the bytes do not reach so far.
 * Fails with `BundleError` for anything else.
 */
export function readHead(bytes: Buffer): BundleHead | undefined {
  const manifest = member(bytes, 0, { name: 'manifest.json', mostBytes: MOST_MANIFEST });
  if (!manifest) return undefined;
  const signature = member(bytes, manifest.next, { name: 'manifest.sig', mostBytes: SIGNATURE_BYTES });
  if (!signature) return undefined;
  const parsed = bundleManifest.safeParse(jsonOf(manifest.content));
  if (!parsed.success)
    throw new BundleError(
      'This update is of a kind that this version does not know: install a version between them first',
    );
  return { manifest: parsed.data, bytes: manifest.content, signature: signature.content };
}

function member(bytes: Buffer, at: number, { name, mostBytes }: { name: string; mostBytes: number }) {
  if (bytes.length < at + BLOCK) return undefined;
  const { called, size, taken } = memberHead(bytes.subarray(at, at + BLOCK));
  if (called !== name || size > mostBytes) throw new BundleError(FOREIGN);
  const from = at + BLOCK;
  if (bytes.length < from + size) return undefined;
  return { content: bytes.subarray(from, from + size), next: from + taken };
}

const FOREIGN = 'This file is no update of Reeve: take the one whose name ends in .update';

/** Name and size of a plain file in a tar, by its block of 512 bytes, and how many bytes it takes behind that. Fails with `BundleError`. */
export function memberHead(head: Buffer): { called: string; size: number; taken: number } {
  const called = head.toString('latin1', 0, 100).replace(/\0.*$/s, '').replace(/^\.\//, '');
  const size = Number.parseInt(head.toString('latin1', 124, 136), 8);
  const isFile = head[156] === 0 || head[156] === 0x30;
  if (head.length < BLOCK || !isFile || head.toString('latin1', 257, 262) !== 'ustar' || !(size >= 0))
    throw new BundleError(FOREIGN);
  return { called, size, taken: Math.ceil(size / BLOCK) * BLOCK };
}

function jsonOf(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Looks early at what the system of the image judges for good: who signed it, what board it is for, whether it runs already. `key` is
 * the image's own (PEM); absent: that is left to the system. Fails with `BundleError`.
 */
export function judgeHead(
  { manifest, bytes, signature }: BundleHead,
  image: ImageState,
  key: string | undefined,
): void {
  if (key !== undefined && !isSigned(bytes, signature, key))
    throw new BundleError(
      'This update is not signed by who made this image: it may have been changed on the way. Get it again',
    );
  if (sizeOf(manifest) > MOST_BUNDLE_BYTES) throw new BundleError('This update is larger than one can be');
  if (manifest.board === 'agents') judgeAgents(manifest, image, key);
  else if (manifest.board !== image.board)
    throw new BundleError(`This update is for ${BOARDS[manifest.board]}, and this is ${BOARDS[image.board]}`);
  else if (manifest.version === image.version) throw new BundleError(`Version ${image.version} runs already`);
}

/** Executables are not looked at again by the system of the image, so nobody but its maker may have signed them. */
function judgeAgents(
  { version, architecture, files }: BundleManifest,
  image: ImageState,
  key: string | undefined,
): void {
  if (key === undefined)
    throw new BundleError('This image has no key to check executables of the agent with: flash a newer one');
  if (version !== image.version)
    throw new BundleError(
      `These are the agents of version ${version}, and ${image.version} runs: take reeve-${image.version}-${image.board}-executables.update`,
    );
  if (architecture !== ARCHITECTURES[image.board])
    throw new BundleError(
      `These agents are packed for an appliance of another kind: take reeve-${image.version}-${image.board}-executables.update`,
    );
  const strange = Object.keys(files).find((name) => !AGENT_FILE.test(name));
  if (strange !== undefined) throw new BundleError(`There is no executable of the agent that is called ${strange}`);
}

const AGENT_FILE = /^(?:[a-z0-9]+-[a-z0-9]+\.(?:json|pack)|LICENCES\.txt)$/;
/** They are packed with the Node of an image, which is that of its processor. */
const ARCHITECTURES = { vm: 'amd64', pi: 'arm64' } as const;

const BOARDS = { vm: 'a virtual machine', pi: 'a Raspberry Pi' } as const;

/** Whether these bytes were signed (Ed25519) with the other half of `key`, PEM. */
export function isSigned(bytes: Buffer, signature: Buffer, key: string): boolean {
  try {
    return verify(null, bytes, createPublicKey(key), signature);
  } catch {
    return false;
  }
}

/** Bytes that its files take, without what is around them. */
export const sizeOf = ({ files }: BundleManifest): number =>
  Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);

/** Why an update is not installed without somebody asking for it; undefined where it is. */
export function notByItself({ board, version }: BundleManifest, image: ImageState): string | undefined {
  if (board === 'agents') return 'Executables of the agent are taken only where somebody asks for it';
  if (isOlder(version, image.version)) return `Version ${version} is older than ${image.version}, which runs`;
  const failed = image.returnedFrom === version || (image.other.version === version && image.other.state === 'bad');
  if (failed) return `Version ${version} did not become healthy before; it is not tried again by itself`;
  return undefined;
}
