import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/** The repository's top folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** The folders of the product; tests may import them all. */
export const PRODUCT = ['protocol', 'discovery', 'agent', 'appliance', 'web-components'] as const;

/** One `import`, `export … from` or `import()`. */
export interface Import {
  /** Path of the file from the top folder, or the package's name. */
  target: string;
  isPackage: boolean;
  /** Gone at run time: `import type`, or nothing but types in the braces. */
  isTypeOnly: boolean;
  /** Loaded when first used, `import()`. */
  isLazy: boolean;
}

export interface SourceFile {
  /** From the top folder, with slashes. */
  path: string;
  text: string;
  lines: number;
  imports: Import[];
  syntax: ts.SourceFile;
}

/** Sources by path. Rules judge a tree, so that a test can hand them a small broken one. */
export type Tree = ReadonlyMap<string, SourceFile>;

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return !clause.name && !!named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly);
}

/** Calls `look` for every node below `node`, itself included. */
export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function importsOf(path: string, syntax: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: { isTypeOnly: boolean; isLazy: boolean }) => {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const isPackage = !specifier.text.startsWith('.');
    const inside = () => normalize(join(dirname(path), specifier.text)).replaceAll(sep, '/');
    found.push({ target: isPackage ? packageName(specifier.text) : inside(), isPackage, ...kind });
  };
  visit(syntax, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, { isTypeOnly: isTypeOnly(node), isLazy: false });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], { isTypeOnly: false, isLazy: true });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, { isTypeOnly: true, isLazy: false });
    }
  });
  return found;
}

/** Reads sources given as text; for trees made up in a test. */
export function treeOf(files: Record<string, string>): Tree {
  return new Map(
    Object.entries(files).map(([path, text]) => {
      const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
      const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
      return [path, { path, text, lines, imports: importsOf(path, syntax), syntax }];
    }),
  );
}

/** Reads the product's TypeScript files from disk. */
export function productTree(root = ROOT): Tree {
  const files: Record<string, string> = {};
  for (const folder of PRODUCT.filter((name) => existsSync(join(root, name)))) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      files[relative(root, path).replaceAll(sep, '/')] = readFileSync(path, 'utf8');
    }
  }
  return treeOf(files);
}

/** Place of a node for a message, `folder/file.ts:12`. */
export function placeOf(file: SourceFile, node: ts.Node): string {
  return `${file.path}:${file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1}`;
}
