// What no schema says: that the manifests fit the product, the container and each other. Schemas judge them in kubernetes-schema.test.ts; kubectl kustomize put them together once by hand.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { health, ready } from '../../protocol/routes/health.ts';
import { ROOT } from '../helpers/root.ts';

const FOLDER = join(ROOT, 'image/kubernetes');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const dockerfile = readFileSync(join(ROOT, 'image/container/Dockerfile'), 'utf8');
const settings = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8');
const kustomization = parse(read('base/kustomization.yaml')) as { resources: string[]; images: unknown[] };
const all = kustomization.resources.flatMap((file) =>
  parseAllDocuments(read(`base/${file}`)).map((each) => each.toJS()),
);
const one = (kind: string) => all.find((each) => each.kind === kind);

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.enum([health.path, ready.path]), port: z.enum(['http', 'https']) }),
  periodSeconds: z.number(),
  timeoutSeconds: z.number().optional(),
  failureThreshold: z.number().optional(),
});
/** Nothing but what is written here may stand in the container's part. */
const container = z.strictObject({
  name: z.literal('reeve'),
  image: z.literal('reeve'),
  imagePullPolicy: z.literal('IfNotPresent'),
  envFrom: z.tuple([z.strictObject({ configMapRef: z.strictObject({ name: z.literal('reeve') }) })]),
  env: z.tuple([
    z.strictObject({
      name: z.literal('REEVE_KEY'),
      valueFrom: z.strictObject({
        secretKeyRef: z.strictObject({ name: z.literal('reeve'), key: z.literal('REEVE_KEY') }),
      }),
    }),
    z.strictObject({
      name: z.literal('REEVE_STORE_PASSWORD'),
      valueFrom: z.strictObject({
        secretKeyRef: z.strictObject({
          name: z.literal('reeve'),
          key: z.literal('REEVE_STORE_PASSWORD'),
          optional: z.literal(true),
        }),
      }),
    }),
  ]),
  ports: z.tuple([
    z.strictObject({ name: z.literal('http'), containerPort: z.literal(8080) }),
    z.strictObject({ name: z.literal('https'), containerPort: z.literal(8443) }),
  ]),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.strictObject({
    requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
    limits: z.strictObject({ cpu: z.string(), memory: z.string().regex(/^\d+Mi$/) }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string(), subPath: z.string().optional() })),
});

describe('the Kubernetes manifests', () => {
  const { spec } = one('StatefulSet');
  const pod = spec.template.spec;

  it('are all in the base', () => {
    const files = readdirSync(join(FOLDER, 'base')).filter((file) => file !== 'kustomization.yaml');
    expect(kustomization.resources.toSorted()).toEqual(files.toSorted());
    expect(all.map(({ kind }) => kind)).toEqual([
      ...['Namespace', 'ConfigMap', 'ServiceAccount', 'StatefulSet', 'Service', 'NetworkPolicy'],
    ]);
  });

  it('run one pod that is asked where the appliance answers, with limits and without rights', () => {
    expect(spec.replicas).toBe(1);
    expect(pod.containers).toHaveLength(1);
    expect(container.safeParse(pod.containers[0]).error).toBeUndefined();
    expect(container.safeParse({ ...pod.containers[0], readOnlyRoot: true }).success).toBe(false);
    expect(pod.containers[0].livenessProbe.httpGet.path).toBe('/health');
    expect(pod.automountServiceAccountToken).toBe(false);
  });

  it('give it more memory than its heap may take', () => {
    const heap = Number(/--max-old-space-size=(\d+)/.exec(dockerfile)?.[1]);
    expect(Number.parseInt(pod.containers[0].resources.limits.memory, 10)).toBeGreaterThan(heap + 128);
  });

  it('run as the user of the container, whose volumes they fill', () => {
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))) ?? [];
    expect(pod.securityContext).toMatchObject({
      ...{ runAsNonRoot: true, runAsUser: Number(user), runAsGroup: Number(group), fsGroup: Number(group) },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const volumes = [
      ...pod.volumes,
      ...spec.volumeClaimTemplates.map(({ metadata }: { metadata: object }) => metadata),
    ];
    const mounts = pod.containers[0].volumeMounts as { name: string; mountPath: string }[];
    expect(mounts.map(({ name }) => name).toSorted()).toEqual(volumes.map(({ name }) => name).toSorted());
    expect(mounts.map(({ mountPath }) => mountPath)).toContain('/data');
  });

  it('set only what there is to set, and no key', () => {
    const { data } = one('ConfigMap');
    for (const name of Object.keys(data)) expect(settings).toContain(`\`${name}\``);
    expect(Object.keys(data)).not.toContain('REEVE_KEY');
    const secret = parse(read('secret.example.yaml'));
    expect(secret.stringData).toEqual({ REEVE_KEY: '' });
  });

  it('find each other by their labels and ports', () => {
    const labels = spec.template.metadata.labels;
    expect(spec.selector.matchLabels).toEqual(labels);
    expect(one('Service').spec.selector).toEqual(labels);
    expect(one('NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
    const named = pod.containers[0].ports.map(({ name }: { name: string }) => name);
    expect(one('Service').spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(named);
    expect(one('NetworkPolicy').spec.ingress[0].ports.map(({ port }: { port: string }) => port)).toEqual(named);
    expect(spec.serviceName).toBe(one('Service').metadata.name);
    expect(pod.serviceAccountName).toBe(one('ServiceAccount').metadata.name);
  });

  it('take the image of this version', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(kustomization.images).toEqual([{ name: 'reeve', newTag: version }]);
  });

  it('on the network of the node, change only what is there', () => {
    const { patches, resources } = parse(read('host-network/kustomization.yaml')) as {
      resources: string[];
      patches: { target: { kind: string }; patch: string }[];
    };
    expect(resources).toEqual(['../base']);
    for (const { target, patch } of patches)
      for (const { op, path } of parse(patch) as { op: string; path: string }[]) {
        const steps = path
          .slice(1)
          .split('/')
          .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
        const last = steps.pop() ?? '';
        const parent = steps.reduce((value, step) => value?.[step], one(target.kind));
        expect(parent, path).toBeTypeOf('object');
        expect(last in parent, path).toBe(op === 'replace');
      }
  });
});
