import ts from 'typescript';
import type { Rule } from './import-rules.ts';
import { placeOf, type SourceFile, type Tree, visit } from './tree.ts';

const LIMITS = { fileLines: 250, entryLines: 15, functionLines: 60, positional: 3 } as const;

/** Files whose output is meant for a person at a terminal. */
const SPEAKS_TO_TERMINAL = ['agent/entry.ts', 'agent/doctor.ts', 'appliance/cli/'];

/** Before pairing nothing can vouch for the certificate; the pairing handshake itself does. */
const UNVERIFIED_TLS = ['discovery/pairing/exchange.ts', 'appliance/network/certificate.ts'];

/** Bundled as CommonJS for the agent, where `import.meta` is empty and a top-level `await` cannot be. */
const BUNDLED = ['agent/', 'discovery/', 'protocol/'];

const FORBIDDEN_FOLDERS = ['utils', 'util', 'helpers', 'common', 'misc', 'shared', 'lib'];

const isIn = (path: string, places: readonly string[]): boolean => places.some((place) => path.startsWith(place));

/** Walks every node of every file, and reports what `judge` says about it, with its place. */
function nodes(tree: Tree, judge: (node: ts.Node, file: SourceFile) => string | false | undefined): string[] {
  const broken: string[] = [];
  for (const file of tree.values()) {
    visit(file.syntax, (node) => {
      const message = judge(node, file);
      if (message) broken.push(`${placeOf(file, node)} ${message}`);
    });
  }
  return broken;
}

function defaultExports(tree: Tree): string[] {
  return nodes(tree, (node) => {
    if (ts.isExportAssignment(node)) return 'exports a default';
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
    return modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) && 'exports a default';
  });
}

function longFiles(tree: Tree): string[] {
  return [...tree.values()]
    .filter(({ lines, text }) => lines > LIMITS.fileLines && !/^\s*(?:\/\/|\/\*)/.test(text))
    .map(({ path, lines }) => `${path} has ${lines} lines and no first comment that says why`);
}

function consoles(tree: Tree): string[] {
  return nodes(tree, (node, { path }) => {
    if (!ts.isPropertyAccessExpression(node) || isIn(path, SPEAKS_TO_TERMINAL)) return false;
    return (
      ts.isIdentifier(node.expression) && node.expression.text === 'console' && 'writes to the console: use the log'
    );
  });
}

function unverifiedTls(tree: Tree): string[] {
  return nodes(tree, (node, { path }) => {
    if (!ts.isPropertyAssignment(node) || isIn(path, UNVERIFIED_TLS)) return false;
    const name = node.name.getText();
    return (
      name === 'rejectUnauthorized' &&
      node.initializer.kind !== ts.SyntaxKind.TrueKeyword &&
      'turns checking of certificates off'
    );
  });
}

const isInsideFunction = (node: ts.Node): boolean =>
  !!node.parent && (ts.isFunctionLike(node.parent) || isInsideFunction(node.parent));

function notForCommonJs(tree: Tree): string[] {
  return nodes(tree, (node, { path }) => {
    if (!isIn(path, BUNDLED)) return false;
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return 'uses import.meta';
    const waits = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && !!node.awaitModifier);
    return waits && !isInsideFunction(node) && 'awaits at the top level';
  });
}

function longEntries(tree: Tree): string[] {
  return [...tree.values()]
    .filter(({ path, lines }) => path.endsWith('/entry.ts') && lines > LIMITS.entryLines)
    .map(
      ({ path, lines }) =>
        `${path} has ${lines} lines; an entry file only starts something else (${LIMITS.entryLines})`,
    );
}

function longFunctions(tree: Tree): string[] {
  return nodes(tree, (node, { syntax }) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return false;
    const line = (position: number) => syntax.getLineAndCharacterOfPosition(position).line;
    const lines = line(node.end) - line(node.getStart(syntax)) + 1;
    return lines > LIMITS.functionLines && `is a function of ${lines} lines (${LIMITS.functionLines})`;
  });
}

function manyParameters(tree: Tree): string[] {
  return nodes(tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node)) return false;
    // One with an underscore is there because the caller counts: express knows an error handler by its four.
    const { length } = node.parameters.filter(({ name }) => !name.getText().startsWith('_'));
    return length > LIMITS.positional && `takes ${length} parameters; take one object instead`;
  });
}

function vagueFolders(tree: Tree): string[] {
  return [...tree.keys()].filter((path) =>
    path
      .split('/')
      .slice(0, -1)
      .some((name) => FORBIDDEN_FOLDERS.includes(name)),
  );
}

function leftForLater(tree: Tree): string[] {
  return [...tree.values()].flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, at) => (/\b(?:TODO|FIXME|XXX|HACK)\b/.test(line) ? `${path}:${at + 1}${line}` : [])),
  );
}

/** Rules about how a file looks. */
export const formRules: Rule[] = [
  { id: 'default-export', says: 'nothing is exported as a default', broken: defaultExports },
  { id: 'long-file', says: `a file over ${LIMITS.fileLines} lines says why in its first comment`, broken: longFiles },
  { id: 'console', says: 'the product writes to its log, never to the console', broken: consoles },
  { id: 'unverified-tls', says: 'only pairing talks to an appliance that it cannot verify yet', broken: unverifiedTls },
  {
    id: 'common-js',
    says: 'what goes into the agent needs neither import.meta nor top-level await',
    broken: notForCommonJs,
  },
  { id: 'entry', says: `an entry file has at most ${LIMITS.entryLines} lines`, broken: longEntries },
  { id: 'long-function', says: `no function is over ${LIMITS.functionLines} lines`, broken: longFunctions },
  { id: 'parameters', says: `no function takes over ${LIMITS.positional} parameters`, broken: manyParameters },
  { id: 'folder-names', says: 'no folder is called utils, helpers, common or misc', broken: vagueFolders },
  { id: 'later', says: 'nothing is left with a mark for later', broken: leftForLater },
];
