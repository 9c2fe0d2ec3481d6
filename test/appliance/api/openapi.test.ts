import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenApi, openApiDocument, problemsOf } from '../../../appliance/api/openapi.ts';
import { PROBLEMS } from '../../../protocol/problem.ts';
import { routes } from '../../../protocol/routes/index.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

let reeve: InProcess;
beforeAll(async () => {
  reeve = await startInProcess();
  await reeve.setUp();
});
afterAll(() => reeve.stop());

describe('the OpenAPI document', () => {
  const document = openApiDocument(routes, '1.2.3');
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

  test('is what the appliance answers with', async () => {
    const { status, body } = await reeve.call('GET', '/api/openapi.json');
    expect(status).toBe(200);
    expect({ ...body, info: null }).toEqual({ ...JSON.parse(JSON.stringify(document)), info: null });
  });

  test('holds every route once', () => {
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(routes.map(({ id }) => id).sort());
  });

  test('passes the public linter without errors, offline', () => {
    const file = path.join(temporaryDirectory(), 'openapi.json');
    writeFileSync(file, JSON.stringify(document));
    const linter = path.join(process.cwd(), 'node_modules/@redocly/cli/bin/cli.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [linter, 'lint', file, '--format=json'], {
      env: {
        PATH: process.env.PATH,
        HOME: path.dirname(file),
        REDOCLY_TELEMETRY: 'off',
        REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
      },
      encoding: 'utf8',
      timeout: 60_000,
    });
    const { totals, problems } = JSON.parse(stdout) as { totals: { errors: number }; problems: { severity: string }[] };
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect([totals.errors, status], stderr).toEqual([0, 0]);
  }, 90_000);

  test('names every problem that a route declares, and a schema for each answer', () => {
    for (const route of routes) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      const responses = document.paths[path]?.[route.method.toLowerCase()]?.responses ?? {};
      for (const code of problemsOf(route))
        expect(Object.keys(responses), route.id).toContain(String(PROBLEMS[code].status));
      expect(Object.keys(responses), route.id).toContain(String('status' in route ? route.status : 200));
    }
  });

  test('has every reference that it uses, and nothing of our own forms', () => {
    const text = JSON.stringify(document);
    for (const [, kind = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/([^"]+)"/g))
      expect(document.components[kind as keyof OpenApi['components']], name).toHaveProperty([name]);
    expect(text).not.toMatch(/"widget"|"secret":true|\$defs/);
  });

  test('says for whom a route is: nobody signed in, everybody, or persons alone', () => {
    const byId = new Map(operations.map((each) => [each.operationId, each]));
    expect(byId.get('health.live')?.security).toEqual([]);
    expect(byId.get('hosts.list')?.security).toBeUndefined();
    for (const route of routes.filter((each) => 'personal' in each))
      expect(JSON.stringify(byId.get(route.id)?.security)).not.toContain('apiKey');
  });
});

describe('for people', () => {
  test('each problem is explained where its type points to, without a sign-in', async () => {
    const { body } = await reeve.call('GET', '/api/v1/hosts/nothing');
    const page = await fetch(reeve.http + body.type);
    expect(page.headers.get('content-type')).toContain('text/plain');
    expect(await page.text()).toContain('The request is not valid');
    for (const code of Object.keys(PROBLEMS))
      expect((await fetch(`${reeve.http}/api/problems/${code}`)).status).toBe(200);
    expect((await fetch(`${reeve.http}/api/problems/nothing`)).status).toBe(400);
  });

  test('the page of the API holds no script and no style of its own, under the same policy as every page', async () => {
    const page = await fetch(`${reeve.http}/api/docs`);
    const text = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(text).not.toMatch(/<style|style=|<script>|https?:/);
  });
});

test('the revision of a record is its ETag, and never an answer of "not modified"', async () => {
  const { body, headers } = await reeve.call('GET', '/api/v1/settings/history');
  expect(headers.get('etag')).toBe(`"${body.rev}"`);
  const again = await reeve.call('GET', '/api/v1/settings/history', undefined, { 'if-none-match': `"${body.rev}"` });
  expect(again.status).toBe(200);
});
