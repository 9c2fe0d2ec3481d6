import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answered, type InProcess, startInProcess } from '../../../helpers/in-process.ts';
import { until } from '../../../helpers/until.ts';

let reeve: InProcess;
beforeAll(async () => {
  reeve = await startInProcess();
  await reeve.setUp();
  await reeve.call('POST', '/api/v1/system/clock/confirm');
  const { body } = await reeve.call('GET', '/api/v1/settings/history');
  const { rev, value } = body as unknown as { rev: number; value: Record<string, unknown> };
  const change = await reeve.call('PUT', '/api/v1/settings/history', { rev, value: { ...value, recordDays: 200 } });
  expect(change.status).toBe(200);
  await until(async () => items(await list('?what=settings')).length === 1, { timeoutMs: 5_000, what: 'the entries' });
});
afterAll(() => reeve.stop());

const list = (query = ''): Promise<Answered> => reeve.call('GET', `/api/v1/audit-trail${query}`);
const items = ({ body }: Answered) => body.items as Record<string, unknown>[];

describe('GET /api/v1/audit-trail', () => {
  test('tells who did what when from where, in words, with what was changed', async () => {
    const [entry] = items(await list('?what=settings'));
    expect(entry).toMatchObject({
      who: 'owner',
      from: '127.0.0.1',
      title: expect.stringContaining('Changes'),
      detail: { section: 'history' },
      before: { recordDays: 365 },
      after: { recordDays: 200 },
      seq: expect.any(Number),
    });
  });

  test('goes page by page without a hole', async () => {
    const whole = items(await list()).map(({ id }) => id);
    expect(whole.length).toBeGreaterThan(2);
    const paged: unknown[] = [];
    for (let next: unknown = ''; next !== undefined; ) {
      const answer = await list(`?limit=1${next ? `&cursor=${next}` : ''}`);
      paged.push(...items(answer).map(({ id }) => id));
      next = answer.body.next;
    }
    expect(paged).toEqual(whole);
  });

  test.each([
    ['?who=OWNER', true],
    ['?who=own', false],
    ['?what=system.confirmClock', true],
    ['?what=sys', false],
    ['?text=recorddays', true],
    ['?text=clock+of+the+appliance', true],
    ['?text=nowhere', false],
    ['?from=4102444800000', false],
    ['?to=1000000000000', false],
    ['?cursor=01a00000-0000-7000-8000-000000000000', false],
  ])('%s finds something: %s', async (query, finds) => {
    expect(items(await list(query)).length > 0).toBe(finds);
  });

  test.each(['?limit=0', '?from=yesterday', '?site=other', '?format=xml', `?text=${'x'.repeat(200)}`])(
    '%s is refused with the field',
    async (query) => {
      const { status, body } = await list(query);
      expect([status, (body.errors as unknown as { path: string }[])[0]?.path]).toEqual([
        400,
        `query.${/\?(\w+)/.exec(query)?.[1]}`,
      ]);
    },
  );

  test('comes as a file, one entry a line', async () => {
    const lines = await list('?format=jsonl&what=owner');
    expect(lines.headers.get('content-type')).toContain('application/x-ndjson');
    expect(lines.headers.get('content-disposition')).toContain('audit-trail.jsonl');
    const csv = await list('?format=csv&what=settings');
    const [head, row] = String(csv.body).split('\r\n');
    expect(head).toBe('at,who,from,what,title,siteId,detail,before,after');
    expect(row).toMatch(/^\d{4}-.*Z,owner,127\.0\.0\.1,settings\.\w+,/);
    expect(row).toContain('""recordDays"":200');
  });

  test('holds no password and no code that was sent', async () => {
    const file = await fetch(`${reeve.http}/api/v1/audit-trail?format=jsonl&site=all`, {
      headers: { cookie: reeve.cookie() },
    });
    const text = await file.text();
    expect(text).toContain('owner.created');
    expect(text).not.toContain('correct horse');
    expect(text).not.toContain(reeve.setupCode);
  });
});

test('GET /api/v1/audit-trail/verify says that the chain holds, and how far', async () => {
  const { status, body } = await reeve.call('GET', '/api/v1/audit-trail/verify');
  expect(status).toBe(200);
  expect(body).toMatchObject({ state: 'intact', problems: [] });
  expect(body.entries).toBe(body.seq);
});

test('nobody who is not signed in is told anything', async () => {
  const answer = await fetch(`${reeve.http}/api/v1/audit-trail`);
  expect(answer.status).toBe(401);
});

test('a cell that a spreadsheet would take for a formula does not begin with its sign', async () => {
  const { FILES } = await import('../../../../appliance/access/trail/files.ts');
  const entry = { id: '', at: 0, who: '=1+1', from: '', what: 'a', title: 'say "x", y', detail: {} };
  expect(FILES.csv.line(entry)).toBe('1970-01-01T00:00:00.000Z,\'=1+1,,a,"say ""x"", y",,{},,\r\n');
});
