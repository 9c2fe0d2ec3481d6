import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorOf, brokenLinks, papersOf, undocumented } from './papers.ts';
import { SEAMS } from './seams.ts';
import { PRODUCT, ROOT } from './tree.ts';

const papers = papersOf(ROOT);

/** Everything that may read a variable: the product, its scripts, and what runs the tests; a test itself may make one up. */
function sources(): string[] {
  return [...PRODUCT, 'image', 'test', '.ci']
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter((file) => /(\.(ts|mjs|sh)|\/run)$/.test(file) && !/\.test\.ts$|^test\/output\//.test(file))
    .filter((file) => statSync(join(ROOT, file)).isFile())
    .map((file) => readFileSync(join(ROOT, file), 'utf8'));
}

describe('papers as they are', () => {
  for (const paper of papers)
    test(`${paper.path}: every link leads somewhere`, () => expect(brokenLinks(paper, ROOT)).toEqual([]));

  test('every REEVE_ variable is explained in a paper', () => expect(undocumented(sources(), papers)).toEqual([]));

  const readme = papers.find(({ path }) => path === 'README.md')?.text ?? '';
  test.runIf(/how to add/i.test(readme))('the README says how to add one of each seam', () => {
    expect(SEAMS.map(({ folder }) => folder).filter((folder) => !readme.includes(folder))).toEqual([]);
  });
});

describe('the judges of papers', () => {
  const broken = (text: string) => brokenLinks({ path: 'docs/made-up.md', text }, ROOT);

  test('find a link to a file that is not there', () => expect(broken('[x](../nowhere.md)')).toHaveLength(1));
  test('find a picture that is not there', () => expect(broken('![x](images/none.png "title")')).toHaveLength(1));
  test('find a link to a heading that is not there', () => expect(broken('# Here\n[x](#there)')).toHaveLength(1));
  test('leave good links, links to elsewhere and code alone', () => {
    expect(
      broken('# What it is\n[a](#what-it-is) [b](../package.json) [c](https://example.org/x) `[d](none.md)`'),
    ).toEqual([]);
  });
  test('name a heading as the usual hosts do', () =>
    expect(anchorOf('Run, write & debug `tests`')).toBe('run-write--debug-tests'));
  test('find a variable that no paper explains', () => {
    expect(undocumented(['env.REEVE_NEW', 'REEVE_DATA'], [{ path: 'a.md', text: '`REEVE_DATA`: where' }])).toEqual([
      'REEVE_NEW',
    ]);
  });
});
