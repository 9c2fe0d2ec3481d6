import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeDirectory, removeDirectory } from '../../helpers/directories.ts';
import { type InProcess, startInProcess } from '../../helpers/in-process.ts';
import { type SshServer, startSshd } from '../../helpers/ssh-server.ts';
import { until } from '../../helpers/until.ts';

// A real server on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let dir: string;
let bench: InProcess;
let server: SshServer;
let targetId: string;
let publicKey: string;

beforeAll(async () => {
  dir = await makeDirectory('audit-alert');
  server = await startSshd({ dir, authorize: [] });
  bench = await startInProcess();
  await bench.setUp();
  const key = await bench.call('POST', '/api/v1/audit-keys', { name: 'reeve' });
  publicKey = String(key.body.publicKey);
  const { address, port, user, hostKey } = server;
  const about = { name: 'nas', address, port, user, keyId: key.body.id };
  targetId = String((await bench.call('POST', '/api/v1/audit-targets', about)).body.id);
  await bench.call('POST', `/api/v1/audit-targets/${targetId}/test`);
  await bench.call('POST', `/api/v1/audit-targets/${targetId}/host-key`, { sha256: hostKey.sha256 });
});

afterAll(async () => {
  await bench?.stop();
  await server?.stop();
  await removeDirectory(dir);
});

interface Target {
  failures: number;
  last?: { state: string };
}

/** Runs one audit to its end. */
async function audit(): Promise<Target> {
  const place = `/api/v1/audit-targets/${targetId}`;
  await bench.call('POST', `${place}/audits`, { kind: 'quick' });
  return until(
    async () => {
      const target = (await bench.call('GET', place)).body as unknown as Target;
      return target.last?.state === 'running' ? undefined : target;
    },
    { timeoutMs: 30_000, what: 'the audit has ended' },
  );
}

interface Alert {
  ruleId: string;
  ruleTitle: string;
  title: string;
  severity: string;
}

async function aboutAudits(): Promise<Alert[]> {
  const { items } = (await bench.call('GET', '/api/v1/alerts?status=active')).body as unknown as { items: Alert[] };
  return items.filter(({ ruleId }) => ruleId === 'ssh-unreachable');
}

test('an alert comes with the third audit in a row that failed, not before, and is over when one goes well', async () => {
  for (const failures of [1, 2]) {
    expect(await audit()).toMatchObject({ failures, last: { state: 'failed' } });
    expect(await aboutAudits()).toEqual([]);
  }
  expect(await audit()).toMatchObject({ failures: 3 });
  const [alert] = await until(async () => ((await aboutAudits()).length > 0 ? aboutAudits() : undefined), {
    what: 'the alert',
  });
  expect(alert).toMatchObject({
    ...{ ruleTitle: 'Host could not be audited three times', severity: 'high' },
    title: expect.stringContaining('nas: 3 audits in a row failed. '),
  });

  writeFileSync(path.join(dir, 'authorized_keys'), `${publicKey}\n`);
  expect(await audit()).toMatchObject({ failures: 0, last: { state: 'done' } });
  await until(async () => (await aboutAudits()).length === 0, { what: 'the alert is over' });
});
