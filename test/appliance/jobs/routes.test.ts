import { afterEach, describe, expect, test } from 'vitest';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { until } from '../../helpers/until.ts';

let bench: InProcess | undefined;
afterEach(() => bench?.stop());

describe('the routes of jobs', () => {
  test('run a job, tell how it went, and are for owners only', async () => {
    bench = await startInProcess();
    const { call, setUp, forgetCookie } = bench;
    await setUp();
    const { status, body } = await call('POST', '/api/v1/jobs/prune/run');
    expect([status, body.state]).toEqual([202, 'running']);
    const run = await until(async () => {
      const { items } = (await call('GET', '/api/v1/jobs/prune/runs')).body as unknown as {
        items: { state: string }[];
      };
      return items[0]?.state !== 'running' && items[0];
    });
    expect(run).toMatchObject({ state: 'done', by: 'owner', text: 'Nothing was old enough' });
    const { items } = (await call('GET', '/api/v1/jobs')).body as unknown as { items: object[] };
    expect(items).toContainEqual(expect.objectContaining({ id: 'prune', schedule: 'every day' }));
    expect((await call('POST', '/api/v1/jobs/nothing/run')).status).toBe(404);
    expect((await call('POST', '/api/v1/jobs/prune/cancel')).status).toBe(204);
    forgetCookie();
    expect((await call('GET', '/api/v1/jobs')).status).toBe(401);
    expect((await call('POST', '/api/v1/jobs/prune/run')).status).toBe(401);
  });
});
