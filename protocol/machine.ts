import { z } from 'zod';
import { instant } from './identity.ts';

/** Version of the image; it stands in texts and names of files. */
export const imageVersion = z
  .string()
  .max(64)
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+~-]*$/, 'this is no version');

/** A host name of one label (RFC 1123), lower case. */
export const machineName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'use small letters, digits and hyphens, as reeve or reeve-2')
  .meta({ title: 'Host name', description: 'With .local behind it, browsers on the LAN find it.' });

/** What the image's own system said at boot (`image.json`). Two slots hold a system each; one runs. */
export const imageState = z.object({
  version: imageVersion,
  board: z.enum(['vm', 'pi']),
  slot: z.enum(['A', 'B']),
  other: z.object({ version: imageVersion.nullable(), state: z.enum(['good', 'bad', 'empty', 'trying']) }),
  /** The update that did not become healthy: the machine went back by itself. */
  returnedFrom: imageVersion.nullable(),
  /** When everything was reset last. */
  resetAt: instant.nullable(),
});
export type ImageState = z.infer<typeof imageState>;

/** How far an update is (`update.json`), as the system of the image tells. */
export const imageUpdate = z.object({
  state: z.enum(['idle', 'checking', 'writing', 'restarting', 'refused']),
  version: imageVersion.nullable(),
  done: z.number().min(0).max(1),
  /** Why it was refused, in words. */
  reason: z.string().max(500).nullable(),
  at: instant,
});
export type ImageUpdate = z.infer<typeof imageUpdate>;

/** Names and addresses that the machine has now (`network.json`). */
export const imageNetwork = z.object({
  hostname: machineName,
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).max(64),
});
export type ImageNetwork = z.infer<typeof imageNetwork>;

const KEY_KINDS = 'ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\\.com|ssh-rsa';

/** One line of an `authorized_keys` file: kind, key, words; no options, which could run commands. */
export const sshKey = z
  .string()
  .trim()
  .max(4_096, 'a key is one line of at most 4096 characters')
  .regex(
    new RegExp(`^(?:${KEY_KINDS}) [A-Za-z0-9+/]{40,}={0,3}(?: [^\\p{Cc}\\p{Cf}\\u2028\\u2029]{0,200})?$`, 'u'),
    'paste a public key as ssh-keygen writes it into the file .pub: ssh-ed25519 AAAA… name',
  );

/** Who may sign in to the machine itself over SSH, as `reeve-admin`, with these keys only (`ssh.json`). */
export const sshAccess = z
  .strictObject({
    enabled: z
      .boolean()
      .meta({ title: 'SSH is on', description: 'Signs in as reeve-admin; with a key only.', order: 1 }),
    keys: z
      .array(sshKey)
      .max(10, 'at most 10 keys')
      .meta({ title: 'Public keys', description: 'One a line, as in the file .pub.', widget: 'lines', order: 2 }),
  })
  .refine(({ enabled, keys }) => !enabled || keys.length > 0, {
    path: ['keys'],
    error: 'give at least one key: without one nobody could sign in',
  });
export type SshAccess = z.infer<typeof sshAccess>;

/** A bundle is the whole system of a slot, 110 to 200 MB, or the executables of the agent, about 60 MB. */
export const MOST_BUNDLE_BYTES = 512 * 1024 * 1024;

/** What stands first in a bundle (`manifest.json`). */
export const bundleManifest = z.object({
  format: z.literal(1),
  name: z.literal('reeve'),
  /** What it is for; `agents`: executables of the agent, for images of that version and architecture. */
  board: z.enum(['vm', 'pi', 'agents']),
  architecture: z.string().regex(/^[a-z0-9_]{1,16}$/),
  version: imageVersion,
  dataSchema: z.number().int().min(0),
  files: z.record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    z.object({ bytes: z.number().int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});
export type BundleManifest = z.infer<typeof bundleManifest>;
