import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Boards } from '../../../appliance/dashboard/boards.ts';
import { boardRecords } from '../../../appliance/dashboard/documents.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { BOARD_LIMITS } from '../../../protocol/boards.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';
import { must, PASSWORD, type Party, signInAs, startWithOwner } from '../../helpers/world.ts';

const BOARDS = '/api/v1/boards';

let reeve: Awaited<ReturnType<typeof startWithOwner>>['reeve'];
let owner: Party;
let data: string;
beforeEach(async () => {
  data = temporaryDirectory();
  ({ reeve, owner } = await startWithOwner({ data }));
});
afterEach(() => reeve?.stop());

const addHost = async (name: string): Promise<string> =>
  String((await must(owner.ask('POST', '/api/v1/hosts', { name, kind: 'push' }))).id);
const chart = (hosts: string[]) => ({ kind: 'chart', metric: 'system.cpu.utilization', hosts });
interface Kept {
  id: string;
  rev: number;
  name: string;
  panels: { kind: string; hosts: string[] }[];
}
const add = async (body: unknown, who = owner) => (await must(who.ask('POST', BOARDS, body))) as unknown as Kept;
const listed = async (who = owner) => (await must(who.ask('GET', BOARDS))).items as Kept[];

describe('a board', () => {
  test('takes hosts by name or id and answers with ids and everything that was left out', async () => {
    const [nas, media] = [await addHost('nas01'), await addHost('media')];
    const made = await add({ name: 'Evening', panels: [chart(['nas01', media, nas]), { kind: 'status' }] });
    expect(made.panels).toEqual([
      { kind: 'chart', metric: 'system.cpu.utilization', hosts: [nas, media], width: 'half', range: 'live' },
      { kind: 'status', hosts: [], width: 'half' },
    ]);
    expect(await listed()).toEqual([made]);
  });

  test('is changed by who read it last, and by nobody else meanwhile', async () => {
    const { id, rev } = await add({ name: 'Evening', panels: [] });
    const path = `${BOARDS}/${id}`;
    const changed = await must(owner.ask('PUT', path, { rev, name: 'Morning', panels: [{ kind: 'list' }] }));
    expect(changed).toMatchObject({ name: 'Morning', panels: [{ kind: 'list', of: 'concerns' }] });
    const late = await owner.ask('PUT', path, { rev, name: 'Noon', panels: [] });
    expect([late.status, late.body.code]).toEqual([409, 'conflict']);
    expect((await listed())[0]?.name).toBe('Morning');
    expect((await owner.ask('DELETE', path)).status).toBe(204);
    expect((await owner.ask('DELETE', path)).status).toBe(404);
  });

  test('is one person’s: another of the same site neither sees nor changes it', async () => {
    await must(owner.ask('POST', '/api/v1/users', { userName: 'ann', password: PASSWORD, isOwner: true, roles: [] }));
    const ann = await signInAs(reeve, { userName: 'ann', role: 'owner' });
    const { id, rev } = await add({ name: 'Evening', panels: [] });
    expect(await listed(ann)).toEqual([]);
    expect((await ann.ask('PUT', `${BOARDS}/${id}`, { rev, name: 'x', panels: [] })).status).toBe(404);
    expect((await ann.ask('DELETE', `${BOARDS}/${id}`)).status).toBe(404);
    expect(await listed()).toHaveLength(1);
  });

  test('names no host any more that was removed', async () => {
    const [nas, media] = [await addHost('nas01'), await addHost('media')];
    await add({ name: 'Evening', panels: [chart([nas, media]), { kind: 'status', hosts: [nas] }] });
    await must(owner.ask('DELETE', `/api/v1/hosts/${nas}`));
    await until(async () => (await listed())[0]?.panels[0]?.hosts.length === 1, { what: 'the host leaves the board' });
    expect((await listed())[0]?.panels.map(({ hosts }) => hosts)).toEqual([[media], []]);
  });

  test('goes with its site and with its account', async () => {
    const user = { userName: 'ann', password: PASSWORD, isOwner: true, roles: [] };
    const ann = await must(owner.ask('POST', '/api/v1/users', user));
    await add({ name: 'of ann', panels: [] }, await signInAs(reeve, { userName: 'ann', role: 'owner' }));
    const { siteId } = (await must(owner.ask('GET', '/api/v1/entry'))).session as { siteId: string };
    const other = await must(owner.ask('POST', '/api/v1/sites', { name: 'cellar' }));
    await must(owner.ask('PUT', '/api/v1/session/site', { siteId: other.id }));
    await add({ name: 'of the cellar', panels: [] });
    await must(owner.ask('PUT', '/api/v1/session/site', { siteId }));
    await add({ name: 'Evening', panels: [] });
    expect((await listed()).map(({ name }) => name)).toEqual(['Evening']);
    await must(owner.ask('DELETE', `/api/v1/sites/${other.id}`));
    await must(owner.ask('DELETE', `/api/v1/users/${ann.id}`));
    await reeve.stop();
    const store = await openDocumentStore({ dir: data, log: keepingLog() });
    const left = await (await store.collection(boardRecords)).find();
    await store.close();
    expect(left.map(({ name }) => name)).toEqual(['Evening']);
  });

  test('stands in a readable file', async () => {
    await add({ name: 'Evening', panels: [{ kind: 'status' }] });
    const text = readFileSync(join(data, 'docs', 'boards.db'), 'utf8');
    expect(text).toContain('"name":"Evening","panels":[{"kind":"status"');
  });
});

describe('a file that is not right', () => {
  const refused = async (body: unknown) => {
    const { status, body: answer } = await owner.ask('POST', BOARDS, body);
    expect(status).toBe(400);
    expect(await listed()).toEqual([]);
    return (answer.errors as { path: string; message: string }[])[0];
  };

  test.each([
    ['an unknown kind', [{ kind: 'cake' }], 'body.panels.0.kind', /chart, status, list/],
    ['an unknown width', [{ kind: 'status', width: 'wide' }], 'body.panels.0.width', /third, half, full/],
    ['a range that is none', [{ ...chart([]), range: '2h' }], 'body.panels.0.range', /1h, 24h/],
    ['a chart of nothing', [{ kind: 'chart', metric: '' }], 'body.panels.0.metric', /name a metric/],
    ['a field that nobody knows', [{ kind: 'status', colour: 1 }], 'body.panels.0', /colour/],
    ['a host that is not there', [{ kind: 'status' }, chart(['nas99'])], 'body.panels.1.hosts.0', /nas99.*take it out/],
    ['too many hosts', [chart(Array(9).fill('x'))], 'body.panels.0.hosts', /at most 8/],
    ['too many panels', Array(25).fill({ kind: 'status' }), 'body.panels', /at most 24/],
    ['no list', 'status', 'body.panels', /array/],
  ])('%s is named with its field and its cure', async (_what, panels, path, words) => {
    const problem = await refused({ name: 'Evening', panels });
    expect(problem?.path).toBe(path);
    expect(problem?.message).toMatch(words);
  });

  test('a name that two hosts have asks for the id', async () => {
    const two = [
      { id: '1', name: 'nas' },
      { id: '2', name: 'nas' },
    ];
    const kept = { find: async () => [], insert: async (document: object) => document };
    const boards = await Boards.open({ collection: async () => kept } as never, () => 1);
    const text = { name: 'x', panels: [{ kind: 'status' as const, width: 'half' as const, hosts: ['nas'] }] };
    await expect(boards.add({ userId: 'u', siteId: 's', hosts: two }, text)).rejects.toMatchObject({
      errors: [{ path: 'body.panels.0.hosts.0', message: '2 hosts have the name “nas”: write the id of one' }],
    });
  });

  test('a prototype, a huge body and one that is cut off are refused', async () => {
    const hostile = JSON.parse('{"name":"x","panels":[],"__proto__":{"name":"y"},"constructor":1}');
    expect((await owner.ask('POST', BOARDS, hostile)).status).toBe(400);
    const huge = { name: 'x', panels: [{ kind: 'status', title: 'x'.repeat(70_000) }] };
    expect((await owner.ask('POST', BOARDS, huge)).status).toBe(413);
    expect((await owner.ask('POST', BOARDS, '{"name":"x","panels":[')).status).toBe(400);
    expect(await listed()).toEqual([]);
  });
});

test('nobody keeps more boards than the most, even when all are made at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: BOARD_LIMITS.boards + 2 }, (_, n) => owner.ask('POST', BOARDS, { name: `${n}`, panels: [] })),
  );
  expect(answers.map(({ status }) => status).filter((status) => status === 409)).toHaveLength(2);
  expect(await listed()).toHaveLength(BOARD_LIMITS.boards);
});
