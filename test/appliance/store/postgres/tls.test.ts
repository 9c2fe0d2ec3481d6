import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import type { Database } from '../../../../appliance/store/postgres/database.ts';
import { type TestCa, testCa, testLeaf } from '../../../helpers/certificates.ts';
import { PASSWORD, startPostgres, usePostgres } from '../../../helpers/postgres.ts';
import { keepingLog } from '../../../helpers/silent-log.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const ca: TestCa = await testCa('CA of the database');
const withTls = usePostgres({ tls: await testLeaf(ca, ['localhost']) });
const withoutTls = usePostgres();

/** Opens the database of `url` as it is said to a Reeve on another machine. */
async function open(
  url: string,
  { pem, host, mode }: { pem?: string; host?: string; mode?: string },
): Promise<Database> {
  const file = join(temporaryDirectory(), 'ca.pem');
  if (pem !== undefined) writeFileSync(file, pem);
  const asked = new URL(url);
  if (host) asked.hostname = host;
  if (pem !== undefined) asked.searchParams.set('sslrootcert', file);
  if (mode) asked.searchParams.set('sslmode', mode);
  const database = await openDatabase({ address: parseAddress(asked.href), log: keepingLog(), patienceMs: 60_000 });
  onTestFinished(() => database.close());
  return database;
}

const isEncrypted = async (database: Database): Promise<unknown> =>
  (await database.read('select ssl from pg_stat_ssl where pid = pg_backend_pid()'))[0]?.ssl;

describe('a server with a certificate', () => {
  test('is believed when its CA is named and it has the right name, and nothing goes to it in plain', async () => {
    const database = await open(await withTls.database(), { host: 'localhost', pem: ca.pem });
    expect(await isEncrypted(database)).toBe(true);
  });

  test.each([
    ['another CA', async () => ({ host: 'localhost', pem: (await testCa()).pem }), 'nobody here knows who signed'],
    ['the public CAs', async () => ({ host: 'localhost', mode: 'verify-full' }), 'nobody here knows who signed'],
    ['the public CAs, for sslmode=require too', async () => ({ host: 'localhost', mode: 'require' }), 'sslrootcert'],
    ['another name', async () => ({ pem: ca.pem }), 'its certificate is for another name'],
    ['a file that holds no certificate', async () => ({ host: 'localhost', pem: 'nothing' }), 'nobody here knows'],
  ])('is refused at once with %s', async (_, how, words) => {
    const trying = open(await withTls.database(), await how());
    await expect(trying).rejects.toThrow(words);
    await expect(trying).rejects.not.toThrow(PASSWORD);
  });

  test('is refused with a certificate that is out of date', async () => {
    const old = await testLeaf(ca, ['localhost'], { notBefore: Date.now() - 10 * 86_400_000, days: 1 });
    const server = await startPostgres({ tls: old });
    onTestFinished(() => server.close());
    await expect(open(await server.database(), { host: 'localhost', pem: ca.pem })).rejects.toThrow('out of date');
  });

  test('that is on this machine is reached in plain when nothing is said', async () => {
    expect(await isEncrypted(await open(await withTls.database(), {}))).toBe(false);
  });
});

test('a file of CAs that is not there is named', async () => {
  const url = `${await withTls.database()}?sslrootcert=/nowhere/ca.pem`;
  await expect(open(url, {})).rejects.toThrow('sslrootcert');
});

test('a server without TLS is refused where TLS is wanted, with what can be done', async () => {
  const trying = open(await withoutTls.database(), { mode: 'verify-full' });
  await expect(trying).rejects.toThrow('it does not speak TLS: switch ssl on there');
});

test('an address that asks for no encryption on a way that others share is warned of', async () => {
  const log = keepingLog();
  const address = parseAddress(await withoutTls.database());
  const database = await openDatabase({ address: { ...address, transport: 'plain' }, log });
  onTestFinished(() => database.close());
  expect(log.lines.join()).toContain('everybody on the way can read and change');
});
