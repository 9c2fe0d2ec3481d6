import { Agent, get } from 'node:https';
import { afterEach, expect, test } from 'vitest';
import { changeSettings } from '../helpers/backup-bench.ts';
import { type InProcess, startInProcess } from '../helpers/in-process.ts';

let bench: InProcess | undefined;
afterEach(() => bench?.stop());

const ask = (path: string, init: RequestInit = {}) => fetch(`${bench?.http}${path}`, { redirect: 'manual', ...init });
const page = { headers: { accept: 'text/html' } };

test('HTTPS only leads pages to HTTPS, refuses the API, and leaves health and the CA certificate', async () => {
  bench = await startInProcess();
  await bench.setUp();
  expect((await ask('/api/v1/entry')).status).toBe(200);
  await changeSettings(bench, 'connection', { httpsOnly: true });
  const refused = await ask('/api/v1/entry');
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([426, 'https-required']);
  expect(refused.headers.get('strict-transport-security')).toBeNull();
  const led = await ask('/hosts/x?y=1', page);
  expect([led.status, led.headers.get('location')]).toEqual([307, `${bench.https}/hosts/x?y=1`]);
  expect((await ask('/api/v1/entry', page)).status).toBe(426);
  expect((await ask('/', { method: 'POST', ...page })).status).toBe(426);
  expect((await ask('/health')).status).toBe(200);
  expect((await ask('/socket.io/?EIO=4&transport=polling')).status).toBe(403);
  const ca = await (await ask('/ca.crt')).text();
  expect(ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
  // With that certificate, and no other, HTTPS is believed.
  const answer = await new Promise<{ status: number | undefined; hsts: string | undefined }>((resolve, reject) => {
    const agent = new Agent({ ca });
    get(`${bench?.https}/api/v1/entry`, { agent }, ({ statusCode, headers }) =>
      resolve({ status: statusCode, hsts: headers['strict-transport-security'] }),
    ).on('error', reject);
  });
  expect(answer).toEqual({ status: 200, hsts: 'max-age=2592000' });
});
