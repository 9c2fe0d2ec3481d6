import { afterEach, expect, test, vi } from 'vitest';
import { pairWith } from '../../../discovery/pairing/client.ts';
import { makeAgentDist } from '../../helpers/agent-dist.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';

afterEach(() => void vi.restoreAllMocks());

test('a token that has expired is refused with what to do, and the dashboard is told that it has expired', async () => {
  const real = Date.now;
  let aheadMs = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + aheadMs);
  const reeve = await startInProcess({ distDir: makeAgentDist() });
  await reeve.setUp();
  const made = await reeve.call('POST', '/api/v1/agents/tokens', { name: 'nas' });
  const { token, tokenId, expiresAt } = made.body as unknown as { token: string; tokenId: string; expiresAt: number };
  aheadMs = expiresAt - real() + 1_000;
  await expect(pairWith(reeve.https, { token, name: 'nas', facts: someFacts })).rejects.toMatchObject({
    message: expect.stringMatching(/^The token was used or revoked or has expired.* "Add host"/),
  });
  expect((await reeve.call('GET', `/api/v1/agents/tokens/${tokenId}`)).body).toMatchObject({ state: 'expired' });
  await reeve.stop();
});
