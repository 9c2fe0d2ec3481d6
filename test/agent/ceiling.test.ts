import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type May, refusalOf, toldCeiling } from '../../agent/ceiling.ts';
import { ceilingCommand, ceilingLines, parseAllowed } from '../../agent/ceiling-file.ts';
import { collectors } from '../../agent/collectors/index.ts';
import { readCeiling, readOwnFile } from '../../agent/own-file.ts';
import { ACTIONS } from '../../protocol/actions.ts';
import { ceiling } from '../../protocol/ceiling.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const may: May = {
  restart_service: ['nginx', 'plex*'],
  restart_container: ['*'],
  reboot: true,
  apply_updates: false,
  custom: { flush: { command: '/usr/local/bin/flush', args: [], limitMs: 1_000 } },
};

describe('a ceiling', () => {
  it('lets through what its file names, and nothing beside', () => {
    for (const ask of [
      { action: 'restart_service', target: 'nginx' },
      { action: 'restart_service', target: 'plexmediaserver' },
      { action: 'restart_container', target: 'home-assistant' },
      { action: 'reboot' },
      { action: 'custom', target: 'flush' },
    ])
      expect(refusalOf(may, ask), JSON.stringify(ask)).toBeUndefined();
  });

  it.each([
    { action: 'restart_service', target: 'sshd' },
    { action: 'restart_service', target: 'nginx; reboot' },
    { action: 'restart_service', target: 'nginx\nsshd' },
    { action: 'restart_service', target: '*' },
    { action: 'restart_service', target: 'plex*' },
    { action: 'restart_service', target: '--no-block' },
    { action: 'restart_service', target: 'plex/../sshd' },
    { action: 'restart_service' },
    { action: 'reboot', target: 'now' },
    { action: 'apply_updates' },
    { action: 'update_agent' },
    { action: 'wake_on_lan' },
    { action: 'custom', target: 'toString' },
    { action: 'custom', target: '__proto__' },
    { action: 'custom', target: '/usr/local/bin/flush' },
    { action: 'clear_logs', target: '/var/log' },
    { action: '__proto__' },
    { action: 'constructor', target: 'x' },
    { action: '' },
  ])('refuses an appliance in wrong hands that asks for $action $target', (ask) => {
    expect(refusalOf(may, ask)).toMatch(/not allowed|no such action|has no target/);
  });

  it('refuses everything where there is none', () => {
    for (const { id } of ACTIONS)
      for (const target of [undefined, 'nginx', '/var/log'])
        expect(refusalOf({}, { action: id, ...(target && { target }) })).toBeDefined();
  });

  it('holds a folder for all below it, and for nothing that a link or .. leads to', () => {
    const dir = temporaryDirectory();
    const [logs, secret] = [join(dir, 'logs'), join(dir, 'secret')];
    mkdirSync(join(logs, 'deep'), { recursive: true });
    mkdirSync(secret);
    mkdirSync(join(dir, 'logs-of-others'));
    for (const file of [join(logs, 'deep/a.log'), join(secret, 'key'), join(dir, 'logs-of-others/b')])
      writeFileSync(file, '');
    symlinkSync(secret, join(logs, 'link'));
    const paths: May = { clear_logs: [logs] };
    const ask = (target: string) => refusalOf(paths, { action: 'clear_logs', target });
    expect(ask(logs)).toBeUndefined();
    expect(ask(join(logs, 'deep/a.log'))).toBeUndefined();
    for (const target of [
      join(logs, 'link/key'),
      `${logs}/../secret/key`,
      `${logs}/./deep/a.log`,
      join(dir, 'logs-of-others/b'),
      dir,
      '/',
      'deep/a.log',
      `${logs}/deep/a.log\0`,
      join(logs, 'not-there'),
    ])
      expect(ask(target), target).toBeDefined();
  });

  it('is told in the form of the protocol: names of commands, never what they run', () => {
    const told = toldCeiling(may);
    expect(ceiling.parse(told)).toEqual(told);
    expect(told).toEqual([
      { action: 'restart_service', targets: ['nginx', 'plex*'] },
      { action: 'restart_container', targets: ['*'] },
      { action: 'reboot' },
      { action: 'custom', targets: ['flush'] },
    ]);
    expect(JSON.stringify(told)).not.toContain('/usr/local');
    expect(toldCeiling({})).toEqual([]);
  });
});

describe('the ceiling in the agent’s own file', () => {
  const place = () => join(temporaryDirectory(), 'reeve/agent.json');
  const written = (content: unknown) => {
    const path = join(temporaryDirectory(), 'agent.json');
    writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
    return path;
  };

  it('is nothing while there is no file', () => {
    expect(readOwnFile('/nonexistent/agent.json', collectors).may).toEqual({});
    expect(ceilingLines({})).toEqual(['nothing: this agent only watches']);
  });

  it('is written by the installer’s words, so that others cannot write it, and read back', () => {
    const ownFile = place();
    const words = ['allow', 'restart_service=nginx,plex*', 'reboot', 'clear_logs=/var/log/nginx'];
    expect(ceilingCommand({ ownFile, words })).toContain('restart_service: nginx, plex*');
    expect(readCeiling(ownFile)).toEqual({
      restart_service: ['nginx', 'plex*'],
      reboot: true,
      clear_logs: ['/var/log/nginx'],
    });
    expect(statSync(ownFile).mode & 0o777).toBe(0o644);
    expect(ceilingCommand({ ownFile })).toContain('reboot');
    ceilingCommand({ ownFile, words: ['read-only'] });
    expect(readCeiling(ownFile)).toEqual({});
  });

  it('takes the place of the one before, and leaves settings of collectors and commands as they are', () => {
    const custom = { flush: { command: '/bin/flush' } };
    const collectorsOf = { network: { skip: ['eth9'] } };
    const ownFile = written({ collectors: collectorsOf, may: { reboot: true, custom } });
    ceilingCommand({ ownFile, words: ['allow', 'update_agent'] });
    expect(JSON.parse(readFileSync(ownFile, 'utf8'))).toMatchObject({
      collectors: collectorsOf,
      may: { update_agent: true, custom },
    });
    expect(readCeiling(ownFile).reboot).toBeUndefined();
  });

  it.each([
    [['format_disk'], /an agent can be allowed/],
    [['custom=flush'], /an agent can be allowed/],
    [['reboot=now'], /stands alone/],
    [['restart_service'], /say which services/],
    [['restart_service=a b'], /restart_service: write names/],
    [['clear_logs=/var/../etc'], /without \. and \.\./],
    [['clear_logs=/'], /write whole paths/],
    [['clear_logs=logs'], /write whole paths/],
  ])('refuses the words %s with the reason', (words, reason) => {
    expect(() => parseAllowed(words)).toThrow(reason);
  });

  it.each([
    [{ reboot: 'yes' }, /may\.reboot/],
    [{ sudo: true }, /may: Unrecognized key/],
    [{ restart_service: 'nginx' }, /may\.restart_service/],
    [{ restart_service: [] }, /may\.restart_service/],
    [{ custom: { flush: { command: 'flush' } } }, /may\.custom\.flush\.command: write the whole path/],
    [{ custom: { 'Flush it': { command: '/bin/flush' } } }, /may\.custom/],
    [[], /may/],
  ])('that says %j keeps the agent from starting, with the reason', (content, reason) => {
    expect(() => readOwnFile(written({ may: content }), collectors)).toThrow(reason);
  });
});
