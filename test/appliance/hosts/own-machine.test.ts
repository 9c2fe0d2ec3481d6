import { expect, test } from 'vitest';
import { hostRecords } from '../../../appliance/hosts/documents.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

const id = '01a1fde6-ad46-7bc1-a497-0d64ea517d73';

test('the appliance’s own host is removed only when its own agent is switched off, and the refusal says so', async () => {
  const data = temporaryDirectory();
  const first = await startInProcess({ data });
  const { siteId } = await first.setUp();
  const cookie = first.cookie();
  await first.stop();
  const documents = await openDocumentStore({ dir: data, log: keepingLog() });
  const hosts = await documents.collection(hostRecords);
  const name = 'reeve';
  await hosts.insert({ id, siteId, name, kind: 'agent', isAppliance: true, tags: [], intervalMs: 5_000, createdAt: 1 });
  await documents.close();

  const remove = async (selfAgent: boolean) => {
    const reeve = await startInProcess({ data, selfAgent, distDir: makeAgentDist() });
    const answer = await reeve.call('DELETE', `/api/v1/hosts/${id}`, undefined, { cookie });
    const left = await reeve.call('GET', '/api/v1/hosts', undefined, { cookie });
    await reeve.stop();
    return { ...answer, left: (left.body.items as unknown[]).length };
  };
  expect(await remove(true)).toMatchObject({
    status: 409,
    body: { code: 'own-machine', detail: expect.stringContaining('REEVE_SELF_AGENT=off') },
    left: 1,
  });
  expect(await remove(false)).toMatchObject({ status: 204, left: 0 });
});
