// The manifests as `kubectl apply` sends them, held against the schemas that Kubernetes publishes (test/fixtures/kubernetes). What no schema says stands in kubernetes.test.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../helpers/root.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** As a server with strict validation of fields does: what a schema does not name is refused. */
function strict(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('properties' in value) || Array.isArray(value)) return value;
  return 'additionalProperties' in value ? value : { ...value, additionalProperties: false };
}
/** By name, and what they refer to by `#/$defs/name`. */
const definitions = Object.fromEntries(
  read('test/fixtures/kubernetes/definitions-1.22.txt')
    .replaceAll(/"\$ref":"([^"#]+)#"/g, '"$ref":"#/$defs/$1"')
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), JSON.parse(line.slice(line.indexOf(' ')), strict)]),
);
interface Manifest {
  apiVersion: string;
  kind: string;
  // Each kind has fields of its own; the schema says which.
  [field: string]: unknown;
}
const schemas = new Map<string, z.ZodType>();

function schemaOf({ apiVersion, kind }: Manifest): z.ZodType {
  const [version = '', group = 'core'] = apiVersion.split('/').toReversed();
  const name = `io.k8s.api.${group.replace(/\.k8s\.io$/, '')}.${version}.${kind}`;
  const known = schemas.get(name);
  if (known) return known;
  expect(Object.keys(definitions)).toContain(name);
  const made = z.fromJSONSchema({ ...definitions[name], $defs: definitions } as Parameters<typeof z.fromJSONSchema>[0]);
  schemas.set(name, made);
  return made;
}

/** What the schema of its kind says against it. */
const problems = (manifest: Manifest): string[] =>
  schemaOf(manifest).safeParse(manifest).error?.issues.flatMap(deepest) ?? [];

/** A choice between kinds of values says its reasons inside. */
function deepest(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_union')
    return issue.errors.flat().flatMap((each) => deepest({ ...each, path: [...issue.path, ...each.path] }));
  return [`${issue.path.join('.')}: ${issue.message}`];
}

const FOLDER = 'image/kubernetes';
const { resources } = parse(read(`${FOLDER}/base/kustomization.yaml`)) as { resources: string[] };
const base = resources.flatMap((file) =>
  parseAllDocuments(read(`${FOLDER}/base/${file}`)).map((each) => each.toJS() as Manifest),
);

interface Patch {
  target: { kind: string };
  patch: string;
}
/** JSON Patch (RFC 6902) as far as it is used: `add` and `replace` of a field. */
function patched(manifests: Manifest[], { target, patch }: Patch): Manifest[] {
  return manifests.map((manifest) => {
    if (manifest.kind !== target.kind) return manifest;
    const copy = structuredClone(manifest);
    for (const { path, value } of parse(patch) as { path: string; value: unknown }[]) {
      const steps = path
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
      const last = steps.pop() ?? '';
      const parent = steps.reduce((at, step) => at[step] as Manifest, copy);
      parent[last] = value;
    }
    return copy;
  });
}
const { patches } = parse(read(`${FOLDER}/host-network/kustomization.yaml`)) as { patches: Patch[] };
const sets: [string, Manifest[]][] = [
  ['base', base],
  ['host-network', patches.reduce(patched, base)],
  ['the example of the secret', [parse(read(`${FOLDER}/secret.example.yaml`)) as Manifest]],
];

describe('by the schemas of Kubernetes', () => {
  it.each(sets.flatMap(([set, all]) => all.map((each) => [each.kind, set, each] as const)))(
    'the %s of %s is right',
    (_, __, manifest) => expect(problems(manifest)).toEqual([]),
  );

  /** The StatefulSet with one thing changed. */
  const broken = (change: (spec: Record<string, unknown>) => void): Manifest => {
    const copy = structuredClone(base.find(({ kind }) => kind === 'StatefulSet'));
    if (!copy) throw new Error('there is no StatefulSet');
    const { template } = copy.spec as { template: { spec: Record<string, unknown> } };
    change(template.spec);
    return copy;
  };
  const containerOf = ({ containers }: Record<string, unknown>) => (containers as Record<string, unknown>[])[0] ?? {};

  it.each<[string, (spec: Record<string, unknown>) => void, RegExp]>([
    ['a field that there is not', (spec) => Object.assign(spec, { hostNetworks: true }), /hostNetworks/],
    [
      'a value of another kind',
      (spec) => Object.assign(spec, { terminationGracePeriodSeconds: 'soon' }),
      /terminationGracePeriodSeconds/,
    ],
    [
      'a field deep inside that there is not',
      (spec) => Object.assign(containerOf(spec).securityContext as object, { readOnlyRoot: true }),
      /readOnlyRoot/,
    ],
    ['a list in place of an object', (spec) => Object.assign(containerOf(spec), { resources: [] }), /resources/],
    ['nothing where something has to be', (spec) => delete containerOf(spec).name, /name/],
  ])('%s is refused', (_, change, words) => {
    expect(problems(broken(change)).join('\n')).toMatch(words);
  });
});
