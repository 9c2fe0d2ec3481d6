import type { Import, PRODUCT, SourceFile, Tree } from './tree.ts';

/** A rule of the house: what it asks for, and what breaks it, each with its place. */
export interface Rule {
  id: string;
  says: string;
  broken(tree: Tree): string[];
}

/** Which folders a folder may import from, besides itself. */
const MAY_IMPORT: Record<(typeof PRODUCT)[number], readonly string[]> = {
  protocol: [],
  discovery: ['protocol'],
  agent: ['protocol', 'discovery'],
  appliance: ['protocol', 'discovery'],
  'web-components': ['protocol'],
};

/** Files and folders in appliance/ that join the features; everything else meets on the hub. */
const COMPOSITION = [
  'appliance/main.ts',
  'appliance/stages/',
  'appliance/entry.ts',
  'appliance/reeve.ts',
  'appliance/reeve-keeping.ts',
  'appliance/reeve-migrate.ts',
  'appliance/reeve-stores.ts',
  'appliance/reeve-trail.ts',
  'appliance/reeve-users.ts',
  'appliance/reeve-entry.ts',
  'appliance/unpack-entry.ts',
];

const joins = (path: string): boolean =>
  COMPOSITION.some((each) => (each.endsWith('/') ? path.startsWith(each) : path === each));

/** Files in feature folders that any feature may know, because they hold nothing but a contract. */
const CONTRACTS = [
  'appliance/store/documents.ts',
  'appliance/store/errors.ts',
  'appliance/store/history-engine.ts',
  // How the address of a database is written: a start option.
  'appliance/store/postgres/address.ts',
  'appliance/history/history.ts',
];

/** Packages that belong in one place, so that they can be replaced there. */
const ONLY_IN: Record<string, readonly string[]> = {
  'node-ssh': ['appliance/ssh.ts', 'appliance/ssh-run.ts'],
  'nedb-promises': ['appliance/store/'],
  '@seald-io/nedb': ['appliance/store/'],
  pg: ['appliance/store/'],
  echarts: ['web-components/charts/'],
  'bonjour-service': ['discovery/'],
  systeminformation: ['agent/'],
  express: ['appliance/'],
  'socket.io': ['appliance/'],
  lit: ['web-components/'],
};

const top = (path: string): string => path.split('/')[0] ?? '';
const isFeatureFile = (path: string): boolean => path.startsWith('appliance/') && path.split('/').length > 2;
const featureOf = (path: string): string => path.split('/')[1] ?? '';

/** Walks the imports that `wanted` picks, and reports what `judge` says about each. */
function each(tree: Tree, judge: (file: SourceFile, target: Import) => string | false | undefined): string[] {
  const broken: string[] = [];
  for (const file of tree.values()) {
    for (const target of file.imports) {
      const message = judge(file, target);
      if (message) broken.push(message);
    }
  }
  return broken;
}

function foldersBroken(tree: Tree): string[] {
  return each(tree, (file, { target, isPackage }) => {
    if (isPackage || target === 'package.json') return false;
    const from = top(file.path);
    const allowed = [from, ...(MAY_IMPORT[from as keyof typeof MAY_IMPORT] ?? [])];
    return !allowed.includes(top(target)) && `${file.path} must not import ${target}`;
  });
}

function featuresBroken(tree: Tree): string[] {
  return each(tree, (file, { target, isPackage }) => {
    if (isPackage || !file.path.startsWith('appliance/') || joins(file.path)) return false;
    if (!isFeatureFile(target) || CONTRACTS.includes(target)) return false;
    const own = isFeatureFile(file.path) && featureOf(file.path) === featureOf(target);
    return !own && `${file.path} must not reach into ${target}: take it from main.ts or hear of it on the hub`;
  });
}

function cyclesIn(tree: Tree): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, trail: string[]): void => {
    const back = trail.indexOf(path);
    if (back >= 0) circles.push(`circle: ${[...trail.slice(back), path].join(' → ')}`);
    if (back >= 0 || done.has(path)) return;
    for (const { target, isPackage } of tree.get(path)?.imports ?? []) if (!isPackage) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of tree.keys()) walk(path, []);
  return circles;
}

function packagesBroken(tree: Tree): string[] {
  return each(tree, (file, { target, isPackage }) => {
    const places = isPackage ? ONLY_IN[target] : undefined;
    if (!places || places.some((place) => file.path.startsWith(place))) return false;
    return `${file.path} must not import ${target}: it belongs in ${places.join(' or ')}`;
  });
}

/** The way from a dashboard file to zod, over whatever is left at run time. */
function zodBehind(tree: Tree, path: string, seen = new Set<string>()): string[] | undefined {
  if (seen.has(path)) return undefined;
  seen.add(path);
  for (const { target, isPackage, isTypeOnly } of tree.get(path)?.imports ?? []) {
    if (isTypeOnly) continue;
    if (target === 'zod') return [path, 'zod'];
    const rest = isPackage ? undefined : zodBehind(tree, target, seen);
    if (rest) return [path, ...rest];
  }
  return undefined;
}

function zodInBrowser(tree: Tree): string[] {
  const dashboard = [...tree.keys()].filter((path) => path.startsWith('web-components/'));
  const direct = dashboard.flatMap((path) => (zodBehind(tree, path) ?? []).join(' → ') || []);
  return direct.map((way) => `zod would reach the browser: ${way}`);
}

function undeclared(tree: Tree, declared: ReadonlySet<string>): string[] {
  return each(tree, (file, { target, isPackage }) => {
    if (!isPackage || target.startsWith('node:') || declared.has(target)) return false;
    return `${file.path} imports ${target}, which is not among the dependencies of package.json`;
  });
}

/** Rules about who imports what. `declared` holds the names of package.json's `dependencies`. */
export function importRules(declared: ReadonlySet<string>): Rule[] {
  return [
    { id: 'folders', says: 'a folder imports only from the folders that it may', broken: foldersBroken },
    { id: 'features', says: 'features of the appliance meet in main.ts and on the hub only', broken: featuresBroken },
    { id: 'circles', says: 'no file imports itself round a circle', broken: cyclesIn },
    { id: 'packages', says: 'a package that may be replaced is imported in its place only', broken: packagesBroken },
    { id: 'zod', says: 'zod does not reach the browser', broken: zodInBrowser },
    {
      id: 'declared',
      says: 'the product imports only packages that it declares',
      broken: (tree) => undeclared(tree, declared),
    },
  ];
}
