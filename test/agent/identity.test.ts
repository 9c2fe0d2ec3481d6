import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Identity, identityPath, readIdentity, removeIdentity, writeIdentity } from '../../agent/identity.ts';
import { holderOf, lockState } from '../../agent/state-lock.ts';
import { unpair } from '../../agent/unpair.ts';
import { newAgentKey } from '../../discovery/pairing/keys.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const identity: Identity = {
  applianceId: '01890000-0000-7000-8000-000000000001',
  agentId: '01890000-0000-7000-8000-000000000002',
  ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  key: newAgentKey(),
  urls: ['https://192.0.2.1:8443'],
};

describe('the identity', () => {
  it('is kept for its owner only, in a folder for its owner only, and read as it was', () => {
    const stateDir = join(temporaryDirectory(), 'a', 'b');
    expect(readIdentity(stateDir)).toBeUndefined();
    writeIdentity(stateDir, identity);
    expect(statSync(identityPath(stateDir)).mode & 0o777).toBe(0o600);
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(readIdentity(stateDir)).toEqual(identity);
    expect(readdirSync(stateDir)).toEqual(['agent.json']);
  });

  it('keeps the four latest addresses, each once', () => {
    const stateDir = temporaryDirectory();
    const urls = [1, 2, 2, 3, 4, 5].map((n) => `https://192.0.2.${n}:8443`);
    writeIdentity(stateDir, { ...identity, urls });
    expect(readIdentity(stateDir)?.urls).toHaveLength(4);
  });

  it.each([0o644, 0o640, 0o604])('is refused with mode %o, and the cure is named', (mode) => {
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, identity);
    chmodSync(identityPath(stateDir), mode);
    expect(() => readIdentity(stateDir)).toThrow(/can be read by others.*chmod 600/);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, 100)],
    ['empty', () => ''],
    ['of a newer format', (text: string) => text.replace('"format": 1', '"format": 2')],
    ['without a key', (text: string) => text.replace('privateKeyPem', 'other')],
    ['with an address that is none', (text: string) => text.replace('https://192.0.2.1:8443', 'nonsense')],
    ['huge', (text: string) => text.replace('MIIB', 'M'.repeat(100_000))],
  ])('is refused when it is %s, and the cure is named', (_what, damage) => {
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, identity);
    writeFileSync(identityPath(stateDir), damage(readFileSync(identityPath(stateDir), 'utf8')));
    expect(() => readIdentity(stateDir)).toThrow(/damaged.*unpair/);
  });

  it('is written whole or not at all', () => {
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, identity);
    const blocked = join(stateDir, 'agent.json', 'under-a-file');
    expect(() => writeIdentity(blocked, identity)).toThrow(/cannot be kept.*--state/);
    expect(readIdentity(stateDir)).toEqual(identity);
  });

  it('can be forgotten, but not while an agent uses it', async () => {
    const stateDir = temporaryDirectory();
    expect(await unpair({ stateDir })).toContain('was not paired');
    writeIdentity(stateDir, identity);
    const release = lockState(stateDir);
    await expect(unpair({ stateDir })).rejects.toThrow(`process ${process.pid}`);
    release();
    expect(await unpair({ stateDir })).toContain('no longer paired');
    expect(removeIdentity(stateDir)).toBe(false);
  });
});

describe('the state folder', () => {
  it('belongs to one agent at a time', () => {
    const stateDir = temporaryDirectory();
    const release = lockState(stateDir);
    expect(() => lockState(stateDir)).toThrow(`runs already with ${stateDir}`);
    expect(holderOf(stateDir)).toBe(process.pid);
    release();
    lockState(stateDir)();
    expect(holderOf(stateDir)).toBeUndefined();
  });

  it.each(['999999999 1', `${process.pid} 1`, '', 'nonsense', '-1 0'])(
    'is free when its lock says "%s", which is nobody',
    (text) => {
      const stateDir = temporaryDirectory();
      writeFileSync(join(stateDir, 'agent.lock'), text);
      expect(holderOf(stateDir)).toBeUndefined();
      expect(() => lockState(stateDir)()).not.toThrow();
    },
  );
});
