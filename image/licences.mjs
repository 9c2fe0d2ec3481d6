import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './prepare.mjs';

/** Files only: what a plugin made has a path with its name before it. */
const PACKAGE = /^(?:[^:]*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;
const LICENCE = /^(licen[cs]e|copying)(\.|-|$)/i;

/** esbuild plugin: adds every package folder of which something is in a bundle to the set `folders`. */
export const noting = (folders) => ({
  name: 'noting',
  setup(bundle) {
    bundle.onEnd(({ metafile }) => {
      for (const { inputs } of Object.values(metafile?.outputs ?? {}))
        for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
          const [folder] = PACKAGE.exec(path) ?? [];
          if (folder && bytesInOutput > 0) folders.add(folder);
        }
    });
  },
});

/** Name, version and licence text of these package folders, as their licences ask of whoever hands their code on. */
export function licencesOf(folders) {
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license, licenses } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((each) => LICENCE.test(each));
    const text = file ? readFileSync(join(ROOT, folder, file), 'utf8').trim() : 'Its package has no licence text.';
    const kind = license ?? licenses?.map(({ type }) => type).join(' or ');
    return `${[`${name} ${version}`, kind].filter(Boolean).join(', ')}\n\n${text}\n`;
  });
  return `This program contains these packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
