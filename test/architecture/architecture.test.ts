import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formRules } from './form-rules.ts';
import { importRules } from './import-rules.ts';
import { productTree, ROOT, treeOf } from './tree.ts';

const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const rules = [...importRules(new Set(Object.keys(dependencies))), ...formRules];

describe('the house as it is', () => {
  const tree = productTree();
  for (const { says, broken } of rules) test(says, () => expect(broken(tree)).toEqual([]));
});

const many = (count: number, line: string) => `${line}\n`.repeat(count);

/** For each rule a tree that breaks it, and one close to it that does not. */
const EXAMPLES: Record<string, { breaks: Record<string, string>; keeps: Record<string, string> }> = {
  folders: {
    breaks: { 'agent/link.ts': "import type { Hub } from '../appliance/hub.ts';" },
    keeps: { 'agent/link.ts': "import { PROTOCOL } from '../protocol/version.ts';" },
  },
  features: {
    breaks: { 'appliance/live/rooms.ts': "import { Inventory } from '../hosts/inventory.ts';" },
    keeps: {
      'appliance/main.ts': "import { Inventory } from './hosts/inventory.ts';",
      'appliance/live/rooms.ts':
        "import { Hub } from '../hub.ts'; import type { History } from '../history/history.ts';",
    },
  },
  circles: {
    breaks: {
      'agent/a.ts': "import './b.ts';",
      'agent/b.ts': "import './c.ts';",
      'agent/c.ts': "export * from './a.ts';",
    },
    keeps: { 'agent/a.ts': "import './b.ts'; import './c.ts';", 'agent/b.ts': "import './c.ts';", 'agent/c.ts': '' },
  },
  packages: {
    breaks: { 'appliance/hosts/store.ts': "import Datastore from 'nedb-promises';" },
    keeps: { 'appliance/store/nedb/open.ts': "import Datastore from 'nedb-promises';" },
  },
  zod: {
    breaks: {
      'web-components/name.ts': "import { seriesKey } from '../protocol/metrics.ts';",
      'protocol/metrics.ts': "import { z } from 'zod'; export const seriesKey = z.string();",
    },
    keeps: {
      'web-components/name.ts': "import type { Descriptor } from '../protocol/metrics.ts';",
      'protocol/metrics.ts': "import { z } from 'zod'; export type Descriptor = z.infer<typeof z>;",
    },
  },
  declared: {
    breaks: { 'agent/a.ts': "import { chunk } from 'lodash';" },
    keeps: { 'agent/a.ts': "import { readFileSync } from 'node:fs'; import { io } from 'socket.io-client';" },
  },
  'default-export': {
    breaks: { 'agent/a.ts': 'export default function read() {}' },
    keeps: { 'agent/a.ts': 'export function read() {}' },
  },
  'long-file': {
    breaks: { 'agent/a.ts': many(251, 'export {};') },
    keeps: { 'agent/a.ts': `// One table, which would be harder to read in two.\n${many(251, 'export {};')}` },
  },
  console: {
    breaks: { 'agent/a.ts': "console.log('up');" },
    keeps: { 'agent/doctor.ts': "console.log('up');", 'agent/a.ts': "log.info('console.log');" },
  },
  'unverified-tls': {
    breaks: { 'agent/link.ts': 'connect({ rejectUnauthorized: false });' },
    keeps: {
      'agent/link.ts': 'connect({ rejectUnauthorized: true });',
      'discovery/pairing/exchange.ts': 'connect({ rejectUnauthorized: false });',
    },
  },
  'common-js': {
    breaks: { 'discovery/a.ts': 'export const here = import.meta.dirname;' },
    keeps: { 'appliance/a.ts': 'export const here = import.meta.dirname;', 'agent/a.ts': 'async () => { await 1; };' },
  },
  entry: {
    breaks: { 'agent/entry.ts': many(16, 'start();') },
    keeps: { 'agent/entry.ts': many(15, 'start();'), 'agent/main.ts': many(16, 'start();') },
  },
  'long-function': {
    breaks: { 'agent/a.ts': `function read() {\n${many(60, 'step();')}}` },
    keeps: { 'agent/a.ts': `function read() {\n${many(50, 'step();')}}` },
  },
  parameters: {
    breaks: { 'agent/a.ts': 'const read = (a, b, c, d) => a;' },
    keeps: {
      'agent/a.ts': 'const read = (a, b, { c, d }) => a; const handler = (error, _request, response, _next) => a;',
    },
  },
  'folder-names': {
    breaks: { 'agent/utils/time.ts': '' },
    keeps: { 'agent/collectors/time.ts': '' },
  },
  later: {
    breaks: { 'agent/a.ts': '// TODO: read the rest' },
    keeps: { 'agent/a.ts': '// Reads the rest.' },
  },
};

describe('each rule fails on what it forbids, and on that only', () => {
  for (const { id, broken } of rules) {
    test(id, () => {
      const example = EXAMPLES[id];
      expect(example, 'every rule has an example that breaks it').toBeDefined();
      expect(broken(treeOf(example?.breaks ?? {})).length).toBeGreaterThan(0);
      expect(broken(treeOf(example?.keeps ?? {}))).toEqual([]);
    });
  }

  test('a top-level await in the agent is found too', () => {
    const rule = rules.find(({ id }) => id === 'common-js');
    expect(rule?.broken(treeOf({ 'agent/a.ts': 'await start();' }))).toEqual(['agent/a.ts:1 awaits at the top level']);
  });

  test('a file is not taken for a type import when one name in the braces is a value', () => {
    const [file] = treeOf({
      'agent/a.ts': "import { type A, b } from './b.ts'; import { type C } from './c.ts';",
    }).values();
    expect(file?.imports.map(({ target, isTypeOnly }) => [target, isTypeOnly])).toEqual([
      ['agent/b.ts', false],
      ['agent/c.ts', true],
    ]);
  });
});
