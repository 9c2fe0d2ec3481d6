import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** A Markdown file: its path from the top folder, and its text. */
export interface Paper {
  path: string;
  text: string;
}

/** Every paper of the repository: those at the top and everything in docs/. */
export function papersOf(root: string): Paper[] {
  const inDocs = existsSync(join(root, 'docs'))
    ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    : [];
  const files = [...readdirSync(root), ...inDocs.map((file) => join('docs', file))];
  return files
    .filter((file) => file.endsWith('.md'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The name that hosts give to a heading, so that a link can point at it. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

const anchorsOf = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = '']) =>
    anchorOf(heading),
  );

/** Links and pictures that point at nothing: at a file that is not there, or a heading that a paper does not have. */
export function brokenLinks({ path, text }: Paper, root: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const place = file ? resolve(root, dirname(path), file) : resolve(root, path);
    if (file && !existsSync(place)) return `${path} links to ${target}, which is not there`;
    if (!anchor || !place.endsWith('.md')) return [];
    const known = place === resolve(root, path) ? text : readFileSync(place, 'utf8');
    return anchorsOf(known).includes(anchor)
      ? []
      : `${path} links to #${anchor}, which ${relative(root, place)} does not have`;
  });
}

/** Names of our environment variables in a text. */
export const variablesIn = (text: string): string[] => [
  ...new Set(text.match(/\bREEVE_[A-Z][A-Z0-9_]*[A-Z0-9]\b/g) ?? []),
];

/** Variables that stand in sources but in no paper. */
export function undocumented(sources: readonly string[], papers: readonly Paper[]): string[] {
  const known = new Set(papers.flatMap(({ text }) => variablesIn(text)));
  return [...new Set(sources.flatMap(variablesIn))].filter((name) => !known.has(name)).sort();
}
