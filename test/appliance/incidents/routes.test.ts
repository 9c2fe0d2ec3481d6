import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InProcess } from '../../helpers/in-process.ts';
import { must, type Party, startWithOwner } from '../../helpers/world.ts';

const HOUR = 3_600_000;
let reeve: InProcess;
let owner: Party;
beforeAll(async () => {
  ({ reeve, owner } = await startWithOwner());
}, 60_000);
afterAll(() => reeve.stop());

test('a silence is made, seen as active, changed, ended once, and kept as over with who ended it', async () => {
  const host = await must(owner.ask('POST', '/api/v1/hosts', { name: 'nas', kind: 'push' }));
  const form = { reason: 'rebuild', match: { hostIds: [host.id] }, endsAt: Date.now() + HOUR };
  const made = await must(owner.ask('POST', '/api/v1/silences', form));
  expect(made).toMatchObject({ state: 'active', by: 'owner', rev: 1 });
  const { items: quiet } = await must(owner.ask('GET', '/api/v1/silenced'));
  expect(quiet).toMatchObject([{ kind: 'silence', id: made.id, hosts: 1, alertIds: [] }]);
  const path = `/api/v1/silences/${made.id}`;
  expect((await owner.ask('PUT', path, { ...form, rev: 9 })).status).toBe(409);
  expect(await must(owner.ask('PUT', path, { ...form, reason: 'longer', rev: 1 }))).toMatchObject({ reason: 'longer' });
  expect(await must(owner.ask('POST', `${path}/end`))).toMatchObject({ state: 'over', endedBy: 'owner' });
  expect((await owner.ask('POST', `${path}/end`)).status).toBe(409);
  expect((await must(owner.ask('GET', '/api/v1/silences?state=active'))).items).toEqual([]);
  expect((await owner.ask('POST', '/api/v1/silences', { reason: 'x', endsAt: Date.now() - 1 })).status).toBe(400);
  expect((await owner.ask('POST', '/api/v1/silences', { reason: 'x', endsAt: Date.now() + 3_000 * HOUR })).status).toBe(
    400,
  );
});

test('maintenance under way is seen at its host, ends early, and goes with the host that it is about', async () => {
  const host = await must(owner.ask('POST', '/api/v1/hosts', { name: 'media', kind: 'push' }));
  const [startsAt, endsAt] = [Date.now() - HOUR, Date.now() + HOUR];
  const form = { title: 'Updates', reason: 'monthly', match: { hostIds: [host.id] } };
  const schedule = { kind: 'once', startsAt, endsAt };
  const made = await must(owner.ask('POST', '/api/v1/maintenance-windows', { ...form, schedule }));
  expect(made).toMatchObject({ now: { from: startsAt, to: endsAt }, next: [] });
  const span = `/api/v1/hosts/${host.id}/maintenance?from=${startsAt - HOUR}&to=${endsAt + HOUR}`;
  expect((await must(owner.ask('GET', span))).items).toMatchObject([{ id: made.id, from: startsAt, to: endsAt }]);
  expect((await must(owner.ask('POST', `/api/v1/maintenance-windows/${made.id}/end`))).now).toBeUndefined();
  const cron = { kind: 'cron', cron: '* * * * *', minutes: 5 };
  const refused = await owner.ask('POST', '/api/v1/maintenance-windows', { ...form, schedule: cron });
  expect([refused.status, refused.body.errors]).toMatchObject([400, [{ path: 'body.schedule.cron' }]]);
  await must(owner.ask('DELETE', `/api/v1/hosts/${host.id}`));
  expect((await must(owner.ask('GET', '/api/v1/maintenance-windows'))).items).toEqual([]);
});

test('a host depends on another of its site, never on itself by any way round, and on nothing when that is removed', async () => {
  const add = (name: string, more = {}) => must(owner.ask('POST', '/api/v1/hosts', { name, kind: 'push', ...more }));
  const sw = await add('switch');
  const vm = await add('vm', { parentId: sw.id });
  const circle = await owner.ask('PATCH', `/api/v1/hosts/${sw.id}`, { rev: 1, parentId: vm.id });
  expect([circle.status, circle.body.errors]).toMatchObject([400, [{ path: 'body.parentId' }]]);
  await must(owner.ask('DELETE', `/api/v1/hosts/${sw.id}`));
  expect((await must(owner.ask('GET', `/api/v1/hosts/${vm.id}`))).parentId).toBeUndefined();
});
