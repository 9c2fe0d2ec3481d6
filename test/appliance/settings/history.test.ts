import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { limitsOf } from '../../../appliance/history/limits.ts';
import { defaultBudget } from '../../../appliance/settings/sections/history.ts';
import { sealLine } from '../../../appliance/store/nedb/line.ts';
import { HISTORY_DEFAULTS, historySettings } from '../../../protocol/settings/history.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const PATH = '/api/v1/settings/history';
const DAY = 86_400_000;
const settings = { ...HISTORY_DEFAULTS, budgetGigabytes: 5 };

let bench: InProcess | undefined;
afterEach(() => bench?.stop());
async function started(data?: string): Promise<InProcess> {
  bench = await startInProcess(data ? { data } : {});
  return bench;
}

describe('the settings of history', () => {
  test('are the defaults at first, with a budget for this disk that stays after a restart', async () => {
    const data = temporaryDirectory();
    const first = await started(data);
    await first.setUp();
    const { body } = await first.call('GET', PATH);
    expect(body.value).toMatchObject(HISTORY_DEFAULTS);
    const { budgetGigabytes } = body.value as { budgetGigabytes: number };
    expect(budgetGigabytes).toBeGreaterThan(0);
    expect(budgetGigabytes).toBeLessThanOrEqual(20);
    await first.stop();
    const file = join(data, 'docs', 'settings.db');
    expect(readFileSync(file, 'utf8')).toContain(`"budgetGigabytes":${budgetGigabytes}`);
  });

  test('are changed by who saw them last, and nobody else’s change is overwritten', async () => {
    const { setUp, call } = await started();
    await setUp();
    const { rev } = (await call('GET', PATH)).body as unknown as { rev: number };
    const changed = await call('PUT', PATH, { rev, value: { ...settings, minuteDays: 60 } });
    expect([changed.status, changed.body.rev]).toEqual([200, rev + 1]);
    expect(changed.body.value).toEqual({ ...settings, minuteDays: 60 });
    const late = await call('PUT', PATH, { rev, value: settings });
    expect([late.status, late.body.code]).toEqual([409, 'conflict']);
    expect((await call('GET', PATH)).body.value).toEqual({ ...settings, minuteDays: 60 });
  });

  test('are not shown to who is not signed in', async () => {
    const { setUp, call, forgetCookie } = await started();
    await setUp();
    forgetCookie();
    expect((await call('GET', PATH)).status).toBe(401);
    expect((await call('PUT', PATH, { rev: 1, value: settings })).status).toBe(401);
    expect((await call('GET', `${PATH}/storage`)).status).toBe(401);
  });

  test('of a later or damaged version keep what is still valid', async () => {
    const data = temporaryDirectory();
    await (await started(data)).stop();
    const value = { ...settings, rawHours: 1, minuteDays: 90, newer: true };
    const line = sealLine(JSON.stringify({ _id: 'history', siteId: 'appliance', rev: 4, value }));
    writeFileSync(join(data, 'docs', 'settings.db'), `${line}\n`);
    const { setUp, call } = await started(data);
    await setUp();
    const { body } = await call('GET', PATH);
    expect(body).toMatchObject({ rev: 4, value: { rawHours: 24, minuteDays: 90, budgetGigabytes: 5 } });
  });

  test.each([
    ['raw shorter than 2 hours', { rawHours: 1 }, 'rawHours', 'keep them for at least 2 hours'],
    ['a coarser tier shorter than a finer one', { fiveMinuteDays: 7 }, 'fiveMinuteDays', 'enter 30 or more'],
    ['raw longer than the next tier', { rawHours: 24 * 40 }, 'minuteDays', 'enter 40 or more'],
    ['records shorter than 90 days', { recordDays: 30 }, 'recordDays', 'keep them for at least 90 days'],
    ['no disk at all', { budgetGigabytes: 0 }, 'budgetGigabytes', 'history needs at least 0.1 GB'],
    ['a word that nobody knows', { lowWear: 'maybe' }, 'lowWear', 'expected one of'],
    ['a text for a number', { minuteDays: '30' }, 'minuteDays', 'expected number'],
    ['not a number', { minuteDays: null }, 'minuteDays', 'expected number'],
    ['more than twenty years', { hourDays: 1e9 }, 'hourDays', '20 years is the most'],
  ])('refuse %s, with the field and the cure', async (_, wrong, field, cure) => {
    const { error } = historySettings.safeParse({ ...settings, ...wrong });
    const found = error?.issues.find(({ path }) => path[0] === field);
    expect(found?.message).toContain(cure);
  });

  test('name field and cure in the answer too, and an unknown field', async () => {
    const { setUp, call } = await started();
    await setUp();
    const { rev } = (await call('GET', PATH)).body as unknown as { rev: number };
    const { status, body } = await call('PUT', PATH, { rev, value: { ...settings, minuteDays: 0.5, more: 1 } });
    expect(status).toBe(400);
    const { errors } = body as unknown as { errors: { path: string; message: string }[] };
    expect(errors.map(({ path }) => path)).toContain('body.value.minuteDays');
    expect(errors.map(({ message }) => message).join()).toContain('more');
  });
});

describe('limits', () => {
  test('are milliseconds and bytes of what the settings say', () => {
    expect(limitsOf(settings, false)).toEqual({
      keepMs: { raw: DAY, '1m': 30 * DAY, '5m': 365 * DAY, '1h': 1_826 * DAY },
      budgetBytes: 5e9,
      isLowWear: false,
    });
  });

  test('spare the storage by themselves only where it wears, and else as people say', () => {
    const mode = (lowWear: 'auto' | 'on' | 'off', wears: boolean) =>
      limitsOf({ ...settings, lowWear }, wears).isLowWear;
    expect([mode('auto', true), mode('auto', false)]).toEqual([true, false]);
    expect([mode('on', false), mode('off', true)]).toEqual([true, false]);
  });

  test('leave half of a small disk free and take 20 GB of a large one', () => {
    expect([8e9, 29e9, 100e9, 2e12, 0].map(defaultBudget)).toEqual([4, 14.5, 20, 20, 0.1]);
  });
});

describe('what history takes on the disk', () => {
  test('is told for each tier, with the budget and how it writes', async () => {
    const { setUp, call } = await started();
    await setUp();
    const { rev } = (await call('GET', PATH)).body as unknown as { rev: number };
    await call('PUT', PATH, { rev, value: { ...settings, lowWear: 'on' } });
    const { body } = await call('GET', `${PATH}/storage`);
    expect(body).toMatchObject({
      budgetBytes: 5e9,
      damaged: [],
      lowWear: { isOn: true, reason: 'switched on in the settings' },
      tiers: ['raw', '1m', '5m', '1h'].map((tier) => ({ tier, bytes: 0, partitions: 0 })),
    });
    const ready = await call('GET', '/health/ready');
    const parts = ready.body.parts as { name: string; detail: string; status: string }[];
    expect(parts.find(({ name }) => name === 'history')?.detail).toMatch(/of 5 GB used; writes rarely/);
  });
});
