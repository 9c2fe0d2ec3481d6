import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dashboards, isSound, isSoundAtAllSizes, SIZES } from '../helpers/dashboard.ts';
import { type PlayedAppliance, playedHost, playedJoin, playedToken, problem } from '../helpers/played-appliance.ts';
import { until } from '../helpers/until.ts';

/** How machines come in: those that are discovered, and tokens for several. */
const { open } = dashboards();
const FAILED = /Failed to load resource/;
const ACCEPT = 'POST /api/v1/agents/joins/:joinRequestId/accept';
const JOINS = 'GET /api/v1/agents/joins';
const TOKENS = 'GET /api/v1/agents/tokens';
const nas = playedHost(1, 'nas01');
const bodies = ({ asked }: PlayedAppliance, wanted: string) =>
  asked.filter(({ key }) => key === wanted).map(({ body }) => body);

/** Pictures for a person, where REEVE_PICTURES names a folder. */
async function picture(page: { screenshot(options: object): Promise<unknown> }, name: string): Promise<void> {
  const folder = process.env.REEVE_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

describe.each(SIZES)('machines that are not in, %s', (where, size) => {
  test('are listed as unverified, and one is let in by its digits and a word on the host', async () => {
    const dashboard = await open({
      hosts: [nas],
      path: '/agents/discovered',
      size,
      prepare: ({ answers }) => {
        answers.set(JOINS, () => ({ items: [playedJoin('waiting')] }));
        answers.set('GET /api/v1/agents/discovered', () => ({
          items: [
            { name: 'nuc-7', version: '0.1.0', address: '192.168.1.77', seenAt: Date.now() },
            { name: 'pi-hole', version: '0.1.0', address: '192.168.1.9', seenAt: Date.now() },
          ],
        }));
      },
    });
    const { page, appliance } = dashboard;
    await page.getByText('Unverified: asks to join').first().waitFor();
    expect(await page.getByText('nuc-7').count()).toBe(1); // What asks is not listed a second time.
    await page.getByRole('button', { name: 'Pair with a token…' }).waitFor();
    await isSound(dashboard);
    await picture(page, `discovered ${where}`);
    await page.getByRole('button', { name: 'Pair…' }).click();
    await page.getByText('reeve-agent status').waitFor();
    await isSound(dashboard);
    await picture(page, `pair ${where}`);
    const message = 'these are not the digits of this request. 2 tries are left.';
    const good = appliance.answers.get(ACCEPT);
    appliance.answers.set(ACCEPT, () => problem('invalid-request', { errors: [{ path: 'body.digits', message }] }));
    await page.getByLabel('Six digits').fill('123 456');
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('These are not the digits of this request. 2 tries are left.').waitFor();
    await picture(page, `wrong digits ${where}`);
    if (good) appliance.answers.set(ACCEPT, good);
    appliance.answers.set(JOINS, () => ({ items: [playedJoin('accepted')] }));
    await page.getByLabel('Six digits').fill('654-321');
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('reeve-agent confirm 654321').waitFor();
    await page.getByText('is unverified until you confirm on the host itself').waitFor();
    expect(bodies(appliance, ACCEPT)).toEqual([{ digits: '123456' }, { digits: '654321' }]);
    await isSound(dashboard, FAILED);
    await picture(page, `confirm ${where}`);
    appliance.answers.set(JOINS, () => ({ items: [playedJoin('joined', { hostId: nas.id })] }));
    await page.getByText('nas01 joined, verified on both sides').waitFor();
    await isSound(dashboard, FAILED);
  });
});

describe('machines that are not in', () => {
  test('a request that ends while its dialog is open says so', async () => {
    const { page, appliance } = await open({
      hosts: [nas],
      path: '/agents/discovered',
      prepare: ({ answers }) => void answers.set(JOINS, () => ({ items: [playedJoin('waiting')] })),
    });
    await page.getByRole('button', { name: 'Pair…' }).click();
    appliance.answers.set(JOINS, () => ({ items: [] }));
    await page.getByText('This request has ended').waitFor();
  });

  test('none: says how one gets there', async () => {
    const dashboard = await open({ hosts: [nas], path: '/agents/discovered' });
    await dashboard.page.getByRole('heading', { name: 'No machine asks to be let in' }).waitFor();
    await isSoundAtAllSizes(dashboard);
  });

  test('cannot be read: says why, and reads again on demand', async () => {
    const dashboard = await open({
      hosts: [nas],
      path: '/agents/discovered',
      prepare: ({ answers }) => void answers.set(JOINS, () => problem('internal-error')),
    });
    const { page, appliance } = dashboard;
    await page.getByRole('heading', { name: 'The machines that are not in could not be read' }).waitFor();
    await isSound(dashboard, FAILED);
    appliance.answers.set(JOINS, () => ({ items: [] }));
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'No machine asks to be let in' }).waitFor();
  });

  test.each(['/agents/discovered', '/agents/tokens'])('%s is not for a viewer, who is told so', async (path) => {
    const { page } = await open({
      hosts: [nas],
      path,
      prepare: ({ answers, session }) => {
        answers.set('GET /api/v1/entry', () => ({
          version: '0',
          setUp: true,
          session: { ...session, role: 'viewer' },
        }));
        for (const key of [JOINS, TOKENS, 'GET /api/v1/agents/discovered'])
          answers.set(key, () => problem('not-allowed', { detail: 'This needs the role admin' }));
      },
    });
    await page.getByRole('heading', { name: 'Your role does not allow this' }).waitFor();
    expect(await page.getByRole('link', { name: 'Tokens' }).count()).toBe(0);
  });

  test('one is refused after a question', async () => {
    const { page, appliance } = await open({
      hosts: [nas],
      path: '/agents/discovered',
      prepare: ({ answers }) => void answers.set(JOINS, () => ({ items: [playedJoin('waiting')] })),
    });
    await page.getByRole('button', { name: 'Refuse…' }).click();
    await page.getByText('The agent asks again in a minute, with other digits').waitFor();
    await page.getByRole('button', { name: 'Refuse', exact: true }).click();
    const refuse = 'POST /api/v1/agents/joins/:joinRequestId/refuse';
    await until(() => bodies(appliance, refuse).length === 1, { what: 'the refusal' });
  });
});

const playedRollOut = (state: string, agents: object[]) => ({
  ...{ id: '0190a000-0000-7000-8000-00000000aa01', version: '0.2.0', allowOlder: false, by: 'owner', state, agents },
  startedAt: Date.now(),
});

describe.each(SIZES)('agents that are older than the appliance, %s', (where, size) => {
  const fleet = [nas, playedHost(2, 'media'), playedHost(3, 'pihole')];
  const [first, second, third] = fleet.map(({ id, name }, n) => ({
    ...{ id: id.replace('0001', '0002'), hostId: id, hostName: name, state: 'active', version: '0.1.0', by: 'token' },
    ...{ pairedAt: Date.now(), connected: true, update: n === 2 ? 'not-allowed' : 'ready' },
  }));
  const inRollOut = (agent: typeof first, wave: number, rest: object) => ({
    ...{ agentId: agent?.id, hostId: agent?.hostId, hostName: agent?.hostName, wave, from: '0.1.0' },
    ...rest,
  });

  test('are updated after a question; the waves are shown, and why one failed', async () => {
    const dashboard = await open({
      hosts: fleet,
      path: '/agents',
      size,
      prepare: ({ answers }) => {
        answers.set('GET /api/v1/agents', () => ({ items: [first, second, third] }));
        answers.set('POST /api/v1/agents/roll-outs', () => ({ status: 202, body: playedRollOut('running', []) }));
      },
    });
    const { page, appliance } = dashboard;
    await page.getByText('2 agents are older than this appliance.').waitFor();
    await page.getByText(/their own files do not allow them to update themselves: pihole/).waitFor();
    await isSound(dashboard);
    await page.getByRole('button', { name: 'Update 2 agents…' }).click();
    await page.getByText('When one fails, no further one begins.').waitFor();
    await isSound(dashboard);
    await picture(page, `update asked ${where}`);
    appliance.answers.set('GET /api/v1/agents/roll-outs', () => ({
      items: [
        playedRollOut('running', [
          inRollOut(first, 1, { state: 'trying' }),
          inRollOut(second, 2, { state: 'waiting' }),
        ]),
      ],
    }));
    await page.getByRole('button', { name: 'Update', exact: true }).click();
    await page.getByText('Update to 0.2.0: under way').waitFor();
    await page.getByText('1 trying it').waitFor();
    await until(() => bodies(appliance, 'POST /api/v1/agents/roll-outs').length > 0, { what: 'the update' });
    expect(bodies(appliance, 'POST /api/v1/agents/roll-outs')).toEqual([
      { agentIds: [first?.id, second?.id], allowOlder: false },
    ]);
    await isSound(dashboard);
    const reason = 'It did not reach the appliance within 120 s';
    appliance.answers.set('GET /api/v1/agents/roll-outs', () => ({
      items: [
        playedRollOut('stopped', [
          inRollOut(first, 1, { state: 'failed', reason }),
          inRollOut(second, 2, { state: 'left', reason: 'Another agent failed before its turn' }),
        ]),
      ],
    }));
    await page.getByText('Update to 0.2.0: stopped, because an agent failed').waitFor();
    await page.getByText(reason).waitFor();
    await isSound(dashboard);
    await picture(page, `update stopped ${where}`);
  });
});

describe('what an agent may do', () => {
  test('is chosen with its line: only watch unless one says more', async () => {
    const dashboard = await open({ hosts: [nas] });
    const { page, appliance } = dashboard;
    const make = async () => page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByRole('button', { name: 'Add host' }).first().click();
    await page.getByRole('radio', { name: 'Choose…' }).click();
    await page.getByRole('checkbox', { name: 'Reboot the machine' }).check();
    await page.getByLabel('Restart services').fill('nginx, plex*');
    await isSoundAtAllSizes(dashboard);
    await picture(page, 'ceiling chosen');
    await make();
    await page.getByLabel('Command', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add host' }).first().click();
    await make();
    await page.getByLabel('Command', { exact: true }).waitFor();
    expect(bodies(appliance, 'POST /api/v1/agents/tokens').map((body) => (body as { may: unknown }).may)).toEqual([
      [{ action: 'restart_service', targets: ['nginx', 'plex*'] }, { action: 'reboot' }],
      [],
    ]);
  });

  test.each([
    [[], 'Only watch.'],
    [[{ action: 'restart_service', targets: ['nginx', 'plex*'] }, { action: 'reboot' }], 'nginx, plex*'],
    [undefined, 'It does not say: bring it up to date.'],
  ])('%j is on the page of its host', async (may, words) => {
    const host = playedHost(1, 'nas01', { agentVersion: '0.1.0', ...(may && { may }) });
    const dashboard = await open({ hosts: [host], path: `/hosts/${host.id}` });
    await dashboard.page.getByRole('heading', { name: 'What this agent may do' }).waitFor();
    await dashboard.page.getByText(words).waitFor();
    await isSound(dashboard);
  });
});

describe.each(SIZES)('tokens, %s', (where, size) => {
  test('are listed with their uses; one for several is made, its line shown once; one is revoked', async () => {
    const many = playedToken('open', {
      tokenId: 'RACK3333',
      name: 'Rack 3',
      uses: { count: 12, most: 50 },
      tags: ['rack3'],
      createdBy: 'owner',
      expiresAt: Date.now() + 86_400_000,
    });
    const dashboard = await open({
      hosts: [nas],
      path: '/agents/tokens',
      size,
      prepare: ({ answers }) => {
        answers.set(TOKENS, () => ({
          items: [
            many,
            playedToken('used', { uses: { count: 1, most: 1 } }),
            playedToken('locked', { tokenId: 'XXXXXXXX' }),
          ],
        }));
        answers.set('POST /api/v1/agents/tokens', () => ({
          status: 201,
          body: playedToken('open', { uses: { count: 0, most: 20 } }),
        }));
      },
    });
    const { page, appliance } = dashboard;
    await page.getByText('12 of 50').waitFor();
    await page.getByText('Locked by wrong tries').waitFor();
    await isSound(dashboard);
    await picture(page, `tokens ${where}`);
    await page.getByRole('button', { name: 'Token for several hosts' }).click();
    await page.getByLabel('Name of the token').fill('Rack 4');
    await page.getByLabel('Hosts', { exact: true }).fill('20');
    await page.getByLabel('Valid for').selectOption('604800000');
    await page.getByLabel('Tags of the hosts').fill('rack4, new');
    await isSound(dashboard);
    await picture(page, `new token ${where}`);
    await page.getByRole('button', { name: 'Make the token' }).click();
    await page.getByText('and is shown this once').waitFor();
    await page.getByLabel('Command', { exact: true }).getByText('curl').waitFor();
    expect(bodies(appliance, 'POST /api/v1/agents/tokens')).toEqual([
      { name: 'Rack 4', uses: 20, validMs: 604_800_000, tags: ['rack4', 'new'] },
    ]);
    await isSound(dashboard);
    await picture(page, `token made ${where}`);
    await page.getByRole('button', { name: 'Done' }).click();
    expect(bodies(appliance, 'DELETE /api/v1/agents/tokens/:tokenId')).toEqual([]); // Unlike one for a single host, it is meant to stay.
    await page.getByRole('button', { name: 'Revoke…' }).click();
    await page.getByText('12 agents that came in by it stay.').waitFor();
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    const revoked = () => bodies(appliance, 'DELETE /api/v1/agents/tokens/:tokenId').length === 1;
    await until(revoked, { what: 'the token is revoked' });
  });
});

test('revoking an agent says when the token that it came in by still lets others in', async () => {
  const { page } = await open({
    hosts: [nas],
    path: '/agents',
    prepare: ({ answers }) => {
      answers.set(TOKENS, () => ({ items: [playedToken('open', { uses: { count: 1, most: 5 } })] }));
      const agents = answers.get('GET /api/v1/agents');
      answers.set('GET /api/v1/agents', async (asked) => {
        const said = (await agents?.(asked)) as { items: object[] };
        return { items: said.items.map((agent) => ({ ...agent, tokenId: 'ABCDEFGH' })) };
      });
    },
  });
  await page.getByRole('button', { name: 'Revoke…' }).click();
  await page.getByText('revoke the token too, under Tokens').waitFor();
});
