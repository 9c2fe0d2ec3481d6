import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

type TreeSitter = typeof import('@vscode/tree-sitter-wasm');
type Node = import('@vscode/tree-sitter-wasm').Node;

const require = createRequire(import.meta.url);
let parser: Promise<InstanceType<TreeSitter['Parser']>> | undefined;

async function open() {
  const { Parser, Language }: TreeSitter = require('@vscode/tree-sitter-wasm');
  await Parser.init();
  const grammar = readFileSync(require.resolve('@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm'));
  return new Parser().setLanguage(await Language.load(grammar));
}

function* wrongBelow(node: Node): Generator<string> {
  const at = `line ${node.startPosition.row + 1}, column ${node.startPosition.column + 1}`;
  // The parser wants a blank where words of a list part (`Name,Size`), PowerShell does not.
  if (node.isMissing && node.type !== ' ') yield `${at}: ${node.type} is missing`;
  else if (node.isError) yield `${at}: ${node.text.slice(0, 60)}`;
  else if (node.hasError) for (const child of node.children) if (child) yield* wrongBelow(child);
}

/**
 * Where a script breaks the grammar of PowerShell, by the parser that editors use (airbus-cert/tree-sitter-powershell): brackets, quotes, blocks and
 * operators. It is looser than PowerShell itself (a `try` alone passes), and knows neither commands nor their parameters.
 */
export async function powerShellMistakes(script: string): Promise<string[]> {
  parser ??= open();
  const tree = (await parser).parse(script);
  if (!tree) throw new Error('the parser gave up');
  try {
    return [...wrongBelow(tree.rootNode)];
  } finally {
    tree.delete();
  }
}
