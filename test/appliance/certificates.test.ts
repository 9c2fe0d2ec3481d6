import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openCertificates } from '../../appliance/certificates.ts';
import { sealWith } from '../../appliance/seal.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 21);
const options = (names = ['reeve.local', '192.168.1.5', 'fd77::5']) => ({
  dataDir: temporaryDirectory(),
  seal: sealWith(Buffer.alloc(32, 3)),
  applianceId: '0193a000-0000-7000-8000-000000000001',
  names,
  now,
});

test('both leaves chain to the CA; agents’ has the fixed name, browsers’ the machine’s names and addresses', async () => {
  const made = await openCertificates(options());
  const ca = new X509Certificate(made.ca);
  const [agents, browsers] = [made.agentLeaf, made.browserLeaf].map(({ cert }) => new X509Certificate(cert));
  for (const leaf of [agents, browsers]) expect(leaf?.verify(ca.publicKey)).toBe(true);
  expect(agents?.checkHost('0193a000-0000-7000-8000-000000000001.reeve.internal')).toBeDefined();
  expect([
    browsers?.checkHost('reeve.local'),
    browsers?.checkIP('192.168.1.5'),
    browsers?.checkIP('fd77::5'),
  ]).not.toContain(undefined);
  expect(browsers?.checkHost('other.local')).toBeUndefined();
});

test('everything is the same after a restart, and no private key is on disk in clear', async () => {
  const same = options();
  const [first, second] = [await openCertificates(same), await openCertificates(same)];
  expect([second.caPin, second.browserPin, second.agentPin]).toEqual([first.caPin, first.browserPin, first.agentPin]);
  expect(await readFile(path.join(same.dataDir, 'certificates.json'), 'utf8')).not.toContain('PRIVATE KEY');
});

test('a new address or a near end renews the browser leaf with the same key, so that pins hold', async () => {
  const same = options();
  const made = await openCertificates(same);
  const { browserPin } = made;
  const before = made.browserLeaf.cert;
  expect(await made.renew(same.names, now + 300 * DAY)).toBe(false);
  expect(await made.renew([...same.names, '10.0.0.9'], now)).toBe(true);
  expect(new X509Certificate(made.browserLeaf.cert).checkIP('10.0.0.9')).toBeDefined();
  expect(await made.renew(same.names, now + 380 * DAY)).toBe(true);
  expect(made.browserLeaf.cert).not.toBe(before);
  expect(made.browserPin).toBe(browserPin);
});

test.each(['', '{"format":1,', '{"format":1}', '[]', '{"format":1,"ca":{"cert":"x","key":"y"}}'])(
  'a damaged file (%s) refuses to start rather than make a CA that no agent knows',
  async (text) => {
    const same = options();
    await openCertificates(same);
    const file = path.join(same.dataDir, 'certificates.json');
    await writeFile(file, text);
    await expect(openCertificates(same)).rejects.toThrow(/certificates.json is damaged: restore it from a backup/);
    expect(await readFile(file, 'utf8')).toBe(text);
  },
);

test('damage inside a certificate or a sealed key shows at the start, not months later at a renewal', async () => {
  const same = options();
  await openCertificates(same);
  const file = path.join(same.dataDir, 'certificates.json');
  const good = JSON.parse(await readFile(file, 'utf8'));
  const other = options();
  await openCertificates(other);
  const foreign = JSON.parse(await readFile(path.join(other.dataDir, 'certificates.json'), 'utf8'));
  await writeFile(file, JSON.stringify({ ...good, agentLeaf: foreign.agentLeaf }));
  await expect(openCertificates(same)).rejects.toThrow(/is damaged/);
  await writeFile(file, JSON.stringify({ ...good, ca: { ...good.ca, key: good.ca.key.replace(/.{8}$/, 'AAAAAAAA') } }));
  await expect(openCertificates(same)).rejects.toThrow(/sealed with another key/);
});

test('a lost file is not made anew while agents pin the CA in it', async () => {
  await expect(openCertificates({ ...options(), mayBegin: false })).rejects.toThrow(/is missing.*backup/);
});

test('another master key is named as the reason, and nothing is written', async () => {
  const same = options();
  await openCertificates(same);
  const seal = sealWith(Buffer.alloc(32, 4));
  await expect(openCertificates({ ...same, seal })).rejects.toThrow(/sealed with another key: restore the file "key"/);
});
