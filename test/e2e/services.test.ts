import { describe, expect, test } from 'vitest';
import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import { dashboards, isSound, SIZES } from '../helpers/dashboard.ts';
import { type PlayedAppliance, playedHost } from '../helpers/played-appliance.ts';
import { playedHistory } from '../helpers/played-history.ts';
import { until } from '../helpers/until.ts';

/** The services of a host: what should run, what is suggested, what else there is. */
const { open } = dashboards();
const recorder = playedHost(1, 'recorder', { services: ['nginx', 'postgresql'], criticalServices: ['postgresql'] });
const SERVICES = 'GET /api/v1/hosts/:hostId/services';
const CHANGE = 'PATCH /api/v1/hosts/:hostId';

const series = (id: number, metric: string, name: string, critical: string): LiveSeries => ({
  ...{ id, metric, attributes: { 'service.name': name, 'service.critical': critical } },
});
const live = [
  series(900, 'system.service.up', 'nginx', 'no'),
  series(901, 'system.service.failed', 'nginx', 'no'),
  series(902, 'system.service.up', 'postgresql', 'yes'),
  series(903, 'system.service.failed', 'postgresql', 'yes'),
];

const found = (host: Host) => {
  const services = host.services ?? [];
  const of = (name: string, more: object) => ({
    name,
    state: 'running',
    ...more,
    isExpected: services.includes(name),
    isCritical: host.criticalServices?.includes(name) ?? false,
  });
  const all = [
    of('nginx', { title: 'A high performance web server' }),
    of('postgresql', {}),
    of('Milestone XProtect Recording Server', { suggestion: 'Milestone XProtect' }),
    of('frigate', { suggestion: 'Frigate' }),
    of('cron', { title: 'Regular background program processing daemon' }),
    of('getty@tty1', { state: 'stopped' }),
  ];
  const plain = ({ suggestion: _, ...rest }: Record<string, unknown>) => rest;
  return { items: all.map((each) => (each.isExpected ? plain(each) : each)), foundAt: Date.now() - 600_000 };
};

function play(appliance: PlayedAppliance): void {
  const { answers, fleet } = appliance;
  const host = (id = ''): Host => fleet.hosts.find((each) => each.id === id) ?? recorder;
  answers.set(SERVICES, ({ params }) => found(host(params.hostId)));
  answers.set('GET /api/v1/history', ({ query }) => playedHistory(live, query));
  answers.set(CHANGE, ({ params, body }) => {
    const { rev, ...change } = body as { rev: number };
    const changed = { ...host(params.hostId), ...change, rev: rev + 1 };
    appliance.tell(changed);
    return changed;
  });
}

describe.each(SIZES)('the services of a host %s', (_where, size) => {
  test('say what runs, suggest what is worth to be watched, and one click expects it; Undo takes it back', async () => {
    const dashboard = await open({ hosts: [recorder], path: `/hosts/${recorder.id}/services`, size, prepare: play });
    const { page, appliance } = dashboard;
    const expected = page.getByRole('region', { name: 'Should run' });
    await until(() => appliance.watched.has(recorder.id), { what: 'the host is watched' });
    appliance.emit('series', { hostId: recorder.id, series: live });
    appliance.emit('frame', {
      ...{ hostId: recorder.id, at: Date.now(), grade: 'durable', late: false },
      values: [900, 1, 901, 0, 902, 0, 903, 1],
    });
    await expected.getByText('failed').waitFor();
    await expected.getByText('running').waitFor();
    await expected.locator('svg rect').first().waitFor();
    await expected
      .getByText(/^Down (?:once|\d+ times), last from/)
      .first()
      .waitFor();
    await isSound(dashboard);

    const suggested = page.getByRole('region', { name: 'Suggested, because it runs here' });
    expect(await suggested.getByRole('listitem').count()).toBe(2);
    await suggested.getByText('Milestone XProtect', { exact: true }).waitFor();
    await suggested.getByRole('button', { name: 'Expect frigate', exact: true }).click();
    await expected.getByText('frigate').waitFor();
    await suggested.getByRole('button', { name: 'Expect Milestone XProtect Recording Server as critical' }).click();
    await expected.getByText('Milestone XProtect Recording Server').waitFor();
    const sent = () => appliance.asked.flatMap(({ key, body }) => (key === CHANGE ? [body as Host] : []));
    expect(sent()).toMatchObject([
      { rev: 1, services: ['nginx', 'postgresql', 'frigate'], criticalServices: ['postgresql'] },
      { rev: 2, criticalServices: ['postgresql', 'Milestone XProtect Recording Server'] },
    ]);
    await expected.getByRole('listitem').filter({ hasText: 'nginx' }).getByLabel('Critical').check();
    await until(() => sent().length === 3, { what: 'nginx is critical' });
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).last().click();
    await until(() => sent().length === 4, { what: 'that is taken back' });
    expect(sent()[3]?.criticalServices).not.toContain('nginx');

    await page.getByText(/^All others that were found \(2\)/).click();
    await page.getByText('cron', { exact: true }).waitFor();
    await isSound(dashboard);
  });
});

test('without anything expected, and from an agent that told nothing, the page says what to do', async () => {
  const dashboard = await open({
    hosts: [playedHost(1, 'nas01')],
    path: `/hosts/${recorder.id}/services`,
    prepare: ({ answers }) => void answers.set(SERVICES, () => ({ items: [] })),
  });
  await dashboard.page.getByText('No service is expected here yet.').waitFor();
  await dashboard.page.getByRole('heading', { name: 'The agent has not told which services there are' }).waitFor();
  await isSound(dashboard);
});

test('who only looks is offered no change', async () => {
  const dashboard = await open({
    hosts: [recorder],
    path: `/hosts/${recorder.id}/services`,
    prepare: (appliance) => {
      play(appliance);
      appliance.session.role = 'viewer';
    },
  });
  await dashboard.page.getByText('Milestone XProtect', { exact: true }).waitFor();
  const main = dashboard.page.locator('reeve-host-services');
  expect(await main.getByRole('button').count()).toBe(0);
  expect(await main.getByRole('checkbox').count()).toBe(0);
  await isSound(dashboard);
});
