import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** One member of a tar (POSIX ustar). */
function member(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0, 100);
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write('        0', 148);
  head.write('ustar\0', 257);
  head.write('00', 263);
  head.write(
    `${head
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([head, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

export const signingKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }) as string };
};

/** An update as `image/os/bundle.mjs` makes it, with a root of so many bytes. */
export function updateBundle({
  version = '2.0.0',
  board = 'vm',
  bytes = 1_000,
  fileName = 'root.squashfs',
  key = signingKey().privateKey,
  manifest: over = {},
}: {
  version?: string;
  board?: string;
  bytes?: number;
  fileName?: string;
  key?: KeyObject;
  manifest?: Record<string, unknown>;
} = {}): Buffer {
  const root = Buffer.alloc(bytes, 7);
  const sha256 = createHash('sha256').update(root).digest('hex');
  const about = { format: 1, name: 'reeve', board, architecture: 'amd64', version, dataSchema: 3, ...over };
  const manifest = Buffer.from(`${JSON.stringify({ ...about, files: { [fileName]: { bytes, sha256 } } }, null, 2)}\n`);
  const parts = [
    member('manifest.json', manifest),
    member('manifest.sig', sign(null, manifest, key)),
    member(fileName, root),
  ];
  return Buffer.concat([...parts, Buffer.alloc(1_024)]);
}
