import { expect, test } from 'vitest';
import { Inventory } from '../../../appliance/hosts/inventory.ts';
import { Hub } from '../../../appliance/hub.ts';
import { type Disk, realDisk } from '../../../appliance/store/disk.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import type { Host } from '../../../protocol/hosts.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const siteId = '01a1fde6-ad46-7bc1-a497-0d64ea517d72';

async function fleet(dir = temporaryDirectory(), { at = Date.UTC(2026, 10, 21), endedAt = 0 } = {}) {
  const clock = { at };
  const failures: unknown[] = [];
  const hub = new Hub((_event, error) => void failures.push(error));
  const trouble = { isFull: false };
  const sync: Disk['sync'] = async (fd) => {
    if (trouble.isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    return realDisk.sync(fd);
  };
  const documents = await openDocumentStore({ dir, log: keepingLog(), disk: { ...realDisk, sync } });
  const inventory = await Inventory.open(documents, hub, { now: () => clock.at, endedAt });
  const changes: (Host | undefined)[] = [];
  hub.on('host', ({ after }) => void changes.push(after));
  const frame = (hostId: string, at = clock.at) =>
    hub.emit('frame', {
      siteId,
      hostId,
      at,
      receivedAt: clock.at,
      late: false,
      grade: 'durable',
      series: [],
      values: [],
    });
  const session = (hostId: string, state: 'open' | 'closed') =>
    hub.emit('session', { siteId, hostId, agentId: 'a', state, at: clock.at, reason: '' });
  const add = (name: string, isAppliance = false) =>
    inventory.register({ siteId, name, facts: someFacts, isAppliance });
  return { clock, hub, inventory, changes, frame, session, add, documents, dir, failures, trouble };
}

test('a status that changes is announced once, one that stays is not', async () => {
  const { clock, inventory, changes, frame, session, add } = await fleet();
  const { id } = await add('nas');
  session(id, 'open');
  for (let n = 0; n < 5; n++) frame(id);
  expect(changes.map((host) => host?.status)).toEqual(['unknown', 'online']);
  session(id, 'closed');
  clock.at += 20_000;
  inventory.judgeAll(clock.at);
  inventory.judgeAll(clock.at);
  expect(changes.at(-1)).toMatchObject({ status: 'offline', statusAt: clock.at });
  expect(changes.filter((host) => host?.status === 'offline')).toHaveLength(1);
});

test('when a host was last seen survives a restart, without a write per frame', async () => {
  const { clock, inventory, frame, session, add, documents, dir } = await fleet();
  const { id } = await add('nas');
  const seenAt = clock.at;
  frame(id);
  session(id, 'closed');
  clock.at += 1_000;
  await inventory.saveSeen(clock.at, 0);
  await documents.close();
  const again = await fleet(dir);
  expect(again.inventory.get(id)).toMatchObject({ lastSeenAt: seenAt });
});

test('after a restart a host that was offline is offline at once, and one that was online gets time to come back', async () => {
  const { clock, inventory, frame, session, add, documents, dir } = await fleet();
  const [gone, here, silent] = [await add('gone'), await add('here'), await add('silent')];
  for (const { id } of [gone, here]) session(id, 'open');
  frame(gone.id);
  session(gone.id, 'closed');
  clock.at += 60_000;
  frame(here.id);
  const endedAt = clock.at;
  await inventory.saveSeen(endedAt, 0);
  await documents.close();
  const again = await fleet(dir, { at: endedAt + 13_000, endedAt });
  const statusOf = ({ id }: Host) => again.inventory.get(id)?.status;
  expect([gone, here, silent].map(statusOf)).toEqual(['offline', 'stale', 'unknown']);
  expect(again.inventory.get(gone.id)).toMatchObject({ statusReason: 'Powered off, network, or agent stopped.' });
  again.clock.at += 16_000;
  again.inventory.judgeAll(again.clock.at);
  expect(again.changes.map((host) => host?.name)).toEqual(['here']);
  expect(statusOf(here)).toBe('offline');
});

test('a host that is removed while its agent says goodbye, and a disk that fails then, hurt nobody', async () => {
  const { inventory, frame, session, add, failures, trouble } = await fleet();
  const { id } = await add('nas');
  session(id, 'open');
  frame(id);
  const removing = inventory.remove(id);
  session(id, 'closed');
  await removing;
  expect(failures).toEqual([]);
  const other = await add('tower');
  frame(other.id);
  trouble.isFull = true;
  session(other.id, 'closed');
  await until(() => failures.length > 0, { what: 'the hub to hear of the failed write' });
});

test('two hosts do not bear one name, and one edit does not overwrite another', async () => {
  const { inventory, add } = await fleet();
  const [first, second] = [await add('nas'), await add('nas')];
  expect(second.name).toBe('nas (2)');
  await expect(inventory.edit(second.id, second.rev, { name: 'nas' })).rejects.toMatchObject({ code: 'conflict' });
  await inventory.edit(first.id, first.rev, { tags: ['a'] });
  await expect(inventory.edit(first.id, first.rev, { tags: ['b'] })).rejects.toMatchObject({ code: 'conflict' });
  expect(inventory.get(first.id)?.tags).toEqual(['a']);
});

test('the appliance’s own machine is one host, however often its agent pairs', async () => {
  const { add } = await fleet();
  expect((await add('reeve', true)).id).toBe((await add('reeve', true)).id);
});

test('what an agent says of its host is stored when it differs', async () => {
  const { inventory, changes, add } = await fleet();
  const { id } = await add('nas');
  const said = { facts: { ...someFacts, kernel: '6.2' }, agentVersion: '0.1.0' };
  await inventory.describe(id, said);
  await inventory.describe(id, said);
  expect(changes).toHaveLength(2);
  expect(inventory.get(id)).toMatchObject({ facts: { kernel: '6.2' }, agentVersion: '0.1.0' });
  await inventory.describe(id, { ...said, intervalMs: 60_000 });
  expect(inventory.intervalOf(id)).toBe(60_000);
});

test('an interval on which the machine insists is shown as its own, and can be edited only when it no longer does', async () => {
  const { inventory, add } = await fleet();
  const { id } = await add('nas');
  const said = { facts: someFacts, agentVersion: '0.1.0' };
  await inventory.describe(id, { ...said, intervalMs: 60_000 });
  const { rev = 0, ...host } = inventory.get(id) ?? {};
  expect(host).toMatchObject({ intervalMs: 60_000, isIntervalOwn: true });
  await expect(inventory.edit(id, rev, { intervalMs: 10_000 })).rejects.toMatchObject({
    code: 'invalid-request',
    errors: [{ path: 'body.intervalMs', message: expect.stringContaining('change it there') }],
  });
  // A form sends all of its fields: the same interval is no change.
  const { rev: next } = await inventory.edit(id, rev, { intervalMs: 60_000, location: 'Cellar' });
  await inventory.describe(id, said);
  expect(inventory.get(id)).toMatchObject({ intervalMs: 60_000 });
  expect(inventory.get(id)?.isIntervalOwn).toBeUndefined();
  expect(await inventory.edit(id, next, { intervalMs: 10_000 })).toMatchObject({ intervalMs: 10_000 });
});

test('a host whose document was lost comes back under its id, once, and is online with its next frame', async () => {
  const { inventory, changes, frame } = await fleet();
  const lost = { siteId, name: 'nas', facts: someFacts, isAppliance: true };
  const id = '01a1fde6-ad46-7bc1-a497-0d64ea517d73';
  await inventory.recover(id, lost);
  await inventory.recover(id, lost);
  frame(id);
  expect(inventory.get(id)).toMatchObject({ id, name: 'nas', isAppliance: true, status: 'online' });
  expect(changes).toHaveLength(2);
});

test('a host that is not there is a clear refusal', async () => {
  const { inventory } = await fleet();
  await expect(inventory.edit('none', 1, {})).rejects.toMatchObject({ code: 'not-found' });
  await expect(inventory.remove('none')).rejects.toMatchObject({ code: 'not-found' });
  await inventory.describe('none', { facts: someFacts, agentVersion: '' });
  expect(inventory.intervalOf('none')).toBe(5_000);
});
