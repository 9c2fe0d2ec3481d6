import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

/**
 * esbuild plugin: what is imported dynamically under one of these names is bundled apart, and carried inside the one file as
 * compressed text that is unpacked when it is first used. V8 parses and keeps every byte of a script, also of what is never run:
 * of the agent that would be 570 KB of rarely used code. The build fails when a name is not met, because what it stood for would
 * then be a plain part of the file again, and nobody would see it.
 */
export function packed(names, options) {
  return {
    name: 'packed',
    setup(bundle) {
      const met = new Set();
      bundle.onResolve({ filter: /./ }, async ({ path, kind, pluginData, ...rest }) => {
        if (kind !== 'dynamic-import' || pluginData === 'packing' || !names.includes(path)) return undefined;
        met.add(path);
        const { path: file, errors } = await bundle.resolve(path, { ...rest, kind, pluginData: 'packing' });
        return { path: file, errors, namespace: 'packed', pluginData: path };
      });
      bundle.onLoad({ filter: /./, namespace: 'packed' }, async ({ path, pluginData: name }) => {
        const result = await build({ ...options, entryPoints: [path], write: false });
        const code = Buffer.from(result.outputFiles[0].contents);
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: code.length };
        return { contents: unpacking(name, brotliCompressSync(code, { params })), watchFiles: [path] };
      });
      bundle.onEnd(() => ({
        errors: names
          .filter((name) => !met.has(name))
          .map((name) => ({ text: `nothing imports ${name} dynamically, so that it is not packed` })),
      }));
    },
  };
}

/** A CommonJS module that becomes the packed one. It needs nothing but what Node has. */
const unpacking = (name, bytes) => `
const { brotliDecompressSync } = require('node:zlib');
const { compileFunction } = require('node:vm');
const text = brotliDecompressSync(Buffer.from('${bytes.toString('base64')}', 'base64')).toString('utf8');
compileFunction(text, ['module', 'exports', 'require'], { filename: 'packed:${name}' })(module, exports, require);
`;
