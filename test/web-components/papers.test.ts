import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'web-components');
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(FOLDER, file), 'utf8') }));
const paper = readFileSync(join(ROOT, 'docs/web-components.md'), 'utf8');
const sections = new Map(paper.split(/^### /m).map((section) => [section.split('\n')[0] ?? '', section] as const));

/** Public properties of an element, as `static properties` names them. */
function propertiesIn(text: string): string[] {
  const [, block = ''] = /static override properties = (\{.*\};|\{[\s\S]*?\n {2}\};)/.exec(text) ?? [];
  return [...block.matchAll(/(?:^|[{,]\s*)(\w+): \{/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => !name.startsWith('_'));
}

describe('the paper about the elements', () => {
  const elements = files.flatMap(({ file, text }) =>
    [...text.matchAll(/customElements\.define\('([\w-]+)'/g)].map(([, tag]) => ({ tag: tag ?? '', file, text })),
  );

  test.each(elements.filter(({ tag }) => !tag.endsWith('-page')))(
    'tells of $tag with all its properties',
    ({ tag, text }) => {
      const section = sections.get(tag);
      expect(section, `docs/web-components.md has no chapter ${tag}`).toBeDefined();
      const unsaid = tag === 'reeve-action' ? [] : propertiesIn(text).filter((name) => !section?.includes(`\`${name}`));
      expect(unsaid).toEqual([]);
    },
  );

  test('tells of no element that is not there', () => {
    const known = new Set(elements.map(({ tag }) => tag));
    expect([...sections.keys()].filter((tag) => tag.startsWith('reeve-') && !known.has(tag))).toEqual([]);
  });
});

/** Words that stand in a template as they are, which no other language could replace. */
function bareWords(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'html') {
      const { template } = node;
      const parts = ts.isNoSubstitutionTemplateLiteral(template)
        ? [template.text]
        : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
      const bare = parts
        .join('\u0000')
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(/<[^>]*>?/g, ' ');
      found.push(...(bare.match(/[A-Za-z]{3,}/g) ?? []));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2022, true));
  return found.filter((word) => !['Reeve', 'Ctrl'].includes(word));
}

describe('strings for people', () => {
  test.each(files)('pass msg() in $file', ({ text }) => expect(bareWords(text)).toEqual([]));

  test('are found where they do not', () => {
    expect(bareWords(`html\`<p title=\${x}>Sign</p>\``)).toEqual(['Sign']);
    expect(bareWords(`html\`<p>\${msg('Sign in')}</p>\``)).toEqual([]);
  });

  test('no template writes a style attribute, which the content security policy blocks', () => {
    const broken = files.filter(
      ({ text }) => /<[^>`]*\sstyle=/.test(text.replace(/`<reeve[^`]*`/g, '')) || text.includes('style-map'),
    );
    expect(broken.map(({ file }) => file)).toEqual([]);
  });
});
