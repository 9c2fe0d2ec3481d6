import { describe, expect, test } from 'vitest';
import { dashboards, isSound, isSoundAtAllSizes, SIZES } from '../helpers/dashboard.ts';
import { type PlayedAppliance, playedHost, playedToken, problem } from '../helpers/played-appliance.ts';
import { until } from '../helpers/until.ts';

/** What a person changes, and how the dashboard takes a refusal. */
const { open } = dashboards();
const FAILED = /Failed to load resource/;
const PATCH = 'PATCH /api/v1/hosts/:hostId';
const TOKEN = 'GET /api/v1/agents/tokens/:tokenId';

const nas = playedHost(1, 'nas01', { tags: ['storage'] });
const settings = `/hosts/${nas.id}/settings`;
const bodies = ({ asked }: PlayedAppliance, wanted: string) =>
  asked.filter(({ key }) => key === wanted).map(({ body }) => body);

describe.each(SIZES)('the settings of a host %s', (_where, size) => {
  test('a refused name is marked at its field with the cure, and the field has the focus', async () => {
    const message = 'media has this name already: choose another.';
    const dashboard = await open({
      hosts: [nas],
      path: settings,
      size,
      prepare: ({ answers }) =>
        void answers.set(PATCH, () => problem('invalid-request', { errors: [{ path: 'body.name', message }] })),
    });
    const { page } = dashboard;
    const name = page.getByLabel('Name', { exact: true });
    await name.fill('media');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Media has this name already: choose another.').waitFor();
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    const describedBy = (await name.getAttribute('aria-describedby')) ?? '';
    expect(await page.locator(`#${describedBy}`).textContent()).toContain('choose another');
    await until(async () => name.evaluate((input) => input.matches(':focus')), { what: 'the focus is at the field' });
    expect(await name.inputValue()).toBe('media');
    await isSound(dashboard, FAILED);
  });
});

describe('the settings of a host', () => {
  test('a change that somebody else has overtaken says so', async () => {
    const { page } = await open({
      hosts: [nas],
      path: settings,
      prepare: ({ answers }) => void answers.set(PATCH, () => problem('conflict')),
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('Somebody else changed this meanwhile').waitFor();
  });

  test('a change is sent as it was typed, and Undo takes it back', async () => {
    const { page, appliance } = await open({ hosts: [nas], path: settings });
    await page.getByLabel('Tags').fill('storage, backup');
    await page.getByLabel('Interval').selectOption('10000');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(() => bodies(appliance, PATCH).length === 2, { what: 'both changes' });
    expect(bodies(appliance, PATCH)).toMatchObject([
      { rev: 1, name: 'nas01', tags: ['storage', 'backup'], intervalMs: 10_000 },
      { rev: 2, name: 'nas01', tags: ['storage'], intervalMs: 5_000 },
    ]);
  });

  test('a host is removed only after its name was typed', async () => {
    const dashboard = await open({ hosts: [nas], path: settings });
    const { page, appliance } = dashboard;
    await page.getByRole('button', { name: 'Remove nas01…' }).click();
    const remove = page.getByRole('button', { name: 'Remove', exact: true });
    expect(await remove.isDisabled()).toBe(true);
    await isSound(dashboard);
    await page.getByLabel('Type nas01 to go on').fill('nas01');
    await remove.click();
    await page.getByText('nas01 was removed').waitFor();
    expect(bodies(appliance, 'DELETE /api/v1/hosts/:hostId')).toHaveLength(1);
    expect(new URL(page.url()).pathname).toBe('/');
    await page.getByRole('button', { name: 'Close' }).click();
  });

  test('revoking its agent says what that means, and can be called off', async () => {
    const { page, appliance } = await open({ hosts: [nas], path: settings });
    await page.getByRole('button', { name: 'Revoke the agent…' }).click();
    await page.getByText('The host and its history stay; no new values come.').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Revoke the agent…' }).click();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('The agent was revoked').waitFor();
    expect(bodies(appliance, 'POST /api/v1/agents/:agentId/revoke')).toHaveLength(1);
  });

  test('the machine of the appliance itself says how it can be removed, and offers it when its agent is off', async () => {
    const own = playedHost(1, 'nas01', { isAppliance: true });
    const { page, appliance } = await open({ hosts: [own], path: settings });
    await page.getByText('To remove it, start Reeve with REEVE_SELF_AGENT=off first').waitFor();
    expect(await page.getByRole('button', { name: /Remove/ }).count()).toBe(0);
    appliance.tell({ ...own, status: 'offline' });
    await page.getByRole('button', { name: 'Remove nas01…' }).waitFor();
    expect(await page.getByRole('button', { name: /Revoke/ }).count()).toBe(0);
  });

  test('a viewer is told that only an admin changes hosts, and is offered nothing', async () => {
    const dashboard = await open({
      hosts: [nas],
      path: settings,
      prepare: ({ answers, session }) =>
        void answers.set('GET /api/v1/entry', () => ({
          version: '0',
          setUp: true,
          session: { ...session, role: 'viewer' },
        })),
    });
    const { page } = dashboard;
    await page.getByRole('heading', { name: 'Your role does not allow this' }).waitFor();
    await isSound(dashboard);
    await page.getByRole('link', { name: 'Fleet', exact: true }).first().click();
    await page.locator('reeve-host-card').waitFor();
    expect(await page.getByRole('button', { name: 'Add host' }).count()).toBe(0);
  });
});

describe('agents', () => {
  const agents = (state: string) => () => ({
    items: [
      {
        id: '0190a000-0000-7000-8000-000000000201',
        hostId: nas.id,
        hostName: 'nas01',
        state,
        version: '0.1.0',
        pairedAt: Date.now() - 86_400_000,
        connected: false,
      },
    ],
  });

  test('a list that cannot be read says why, and is read again on demand', async () => {
    const dashboard = await open({
      hosts: [nas],
      path: '/agents',
      prepare: ({ answers }) => void answers.set('GET /api/v1/agents', () => problem('internal-error')),
    });
    const { page, appliance } = dashboard;
    await page.getByRole('heading', { name: 'The agents could not be read' }).waitFor();
    await page.getByText('Something failed inside the appliance').waitFor();
    await isSound(dashboard, FAILED);
    appliance.answers.set('GET /api/v1/agents', () => ({ items: [] }));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'No agents yet' }).waitFor();
  });

  test('a quarantined one is let in again after a question; a refusal stays in the dialog', async () => {
    const dashboard = await open({
      hosts: [nas],
      path: '/agents',
      prepare: ({ answers }) => void answers.set('GET /api/v1/agents', agents('quarantined')),
    });
    const { page, appliance } = dashboard;
    await page.getByText('Quarantined').waitFor();
    await isSound(dashboard);
    const release = 'POST /api/v1/agents/:agentId/release';
    const good = appliance.answers.get(release);
    appliance.answers.set(release, () => problem('conflict', { detail: 'Both are still connected: stop one first.' }));
    await page.getByRole('button', { name: 'Let in again…' }).click();
    await page.getByText('Its key was used from two places at once').waitFor();
    await page.getByRole('button', { name: 'Let in', exact: true }).click();
    await page.getByRole('alert').getByText('Both are still connected: stop one first.').waitFor();
    if (good) appliance.answers.set(release, good);
    appliance.answers.set('GET /api/v1/agents', agents('active'));
    await page.getByRole('button', { name: 'Let in', exact: true }).click();
    await page.getByText('Not connected').waitFor();
  });

  test('one that is revoked is only shown', async () => {
    const { page, appliance } = await open({ hosts: [nas], path: '/agents' });
    await page.getByRole('button', { name: 'Revoke…' }).click();
    await page.getByText('is disconnected and refused from now on').waitFor();
    appliance.answers.set('GET /api/v1/agents', agents('revoked'));
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('Revoked').waitFor();
    expect(await page.getByRole('button', { name: 'Revoke…' }).count()).toBe(0);
  });
});

describe('the command for a new host', () => {
  test('runs out before the eyes: the dialog says so and makes another', async () => {
    const expiresAt = Date.now() + 5_000;
    const dashboard = await open({
      hosts: [nas],
      prepare: ({ answers }) => {
        answers.set('POST /api/v1/agents/tokens', () => ({ status: 201, body: playedToken('open', { expiresAt }) }));
        answers.set(TOKEN, () => playedToken(Date.now() < expiresAt ? 'open' : 'expired', { expiresAt }));
      },
    });
    const { page } = dashboard;
    await page.getByRole('button', { name: 'Add host' }).first().click();
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page
      .getByRole('timer')
      .getByText(/Valid for 00:0\d/)
      .waitFor();
    await page.getByText('The command has expired: nobody used it within its time.').waitFor();
    await isSoundAtAllSizes(dashboard);
    await page.getByRole('button', { name: 'Make a new command' }).click();
    await page.getByLabel('Name of the host').waitFor();
  });

  test.each([
    ['locked', 'Too many wrong tries: the command was locked.'],
    ['revoked', 'Somebody took the command back.'],
  ])('that was %s says why it is dead', async (state, words) => {
    const { page } = await open({
      hosts: [nas],
      prepare: ({ answers }) => void answers.set(TOKEN, () => playedToken(state)),
    });
    await page.getByRole('button', { name: 'Add host' }).first().click();
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByText(words).waitFor();
  });

  test('a refused name is marked at its field; a refusal as a whole above the button', async () => {
    const make = 'POST /api/v1/agents/tokens';
    const errors = [{ path: 'body.name', message: 'write at most 80 characters' }];
    const { page, appliance } = await open({
      hosts: [nas],
      prepare: ({ answers }) => void answers.set(make, () => problem('invalid-request', { errors })),
    });
    await page.getByRole('button', { name: 'Add host' }).first().click();
    await page.getByLabel('Name of the host').fill('x'.repeat(90));
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByText('Write at most 80 characters').waitFor();
    appliance.answers.set(make, () => problem('too-many-requests', { detail: 'Wait a minute, then try again.' }));
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByRole('alert').getByText('Wait a minute, then try again.').waitFor();
  });

  test('is there for each system, is copied, and is taken back when the dialog closes', async () => {
    const { page, appliance } = await open({ hosts: [nas] });
    await page.getByRole('button', { name: 'Add host' }).first().click();
    await page.getByRole('button', { name: 'Make the command' }).click();
    const command = page.getByLabel('Command', { exact: true });
    await command.getByText('curl').waitFor();
    await page.getByRole('tab', { name: 'Windows' }).click();
    await command.getByText('powershell').waitFor();
    await page.getByRole('button', { name: 'Copy the command' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    await page.keyboard.press('Escape');
    const takenBack = () => bodies(appliance, 'DELETE /api/v1/agents/tokens/:tokenId').length === 1;
    await until(takenBack, { what: 'the token is taken back' });
  });
});
