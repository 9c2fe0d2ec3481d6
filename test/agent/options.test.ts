import { describe, expect, it } from 'vitest';
import { readOptions } from '../../agent/options.ts';

const read = (line: string, env: NodeJS.ProcessEnv = {}) => readOptions(line.split(' ').filter(Boolean), env);

describe('options of the agent', () => {
  it('have defaults for everything', () => {
    expect(read('')).toMatchObject({ command: 'run', logLevel: 'info', mdns: true, isChild: false });
    expect(read('')).not.toHaveProperty('token');
  });

  it('come from flags, and else from the environment', () => {
    const env = {
      REEVE_TOKEN: 'RV-1',
      REEVE_HUB: 'hub.lan:8443',
      REEVE_INTERVAL: '1m',
      REEVE_AGENT_STATE: '/tmp/x',
      REEVE_NAME: 'nas',
    };
    expect(read('', env)).toMatchObject({
      token: 'RV-1',
      hub: 'https://hub.lan:8443',
      intervalMs: 60_000,
      stateDir: '/tmp/x',
      name: 'nas',
    });
    expect(read('--token RV-2 --hub https://h --interval 10s --state /tmp/y --name b', env)).toMatchObject({
      token: 'RV-2',
      hub: 'https://h',
      intervalMs: 10_000,
      stateDir: '/tmp/y',
      name: 'b',
    });
  });

  it('take an empty variable for none', () => {
    expect(read('', { REEVE_TOKEN: '', REEVE_HUB: '', REEVE_LOG_LEVEL: '', REEVE_MDNS: '' })).toMatchObject({
      mdns: true,
    });
  });

  it.each([
    ['1s', 1_000],
    ['5', 5_000],
    ['1500ms', 1_500],
    ['2.5 s', 2_500],
    ['5m', 300_000],
  ])('understand an interval of %s', (text, ms) => {
    expect(readOptions(['--interval', text], {}).intervalMs).toBe(ms);
  });

  it.each(['0s', '10m', '5h', 'often', '-5s', '999ms', 'NaN'])(
    'refuse an interval of %s, and say what is right',
    (text) => {
      expect(() => readOptions([`--interval=${text}`], {})).toThrow('1s to 5m');
    },
  );

  it.each([
    ['--hub http://hub.lan', {}, 'REEVE_HUB'],
    ['--hub https://', {}, 'REEVE_HUB'],
    ['', { REEVE_MDNS: 'no' }, 'REEVE_MDNS'],
    ['', { REEVE_LOG_LEVEL: 'loud' }, 'REEVE_LOG_LEVEL'],
    ['--nonsense', {}, 'Usage'],
    ['restart', {}, 'There is no command restart'],
    ['doctor unpair', {}, 'One command at a time'],
    ['--token', {}, 'argument missing'],
  ])('refuse "%s" %o by name', (line, env, said) => {
    expect(() => read(line, env)).toThrow(said);
  });

  it('name the commands', () => {
    const commands = ['doctor', 'unpair', '--stdout', '--help', '-h', '--version'].map((line) => read(line).command);
    expect(commands).toEqual(['doctor', 'unpair', 'print', 'help', 'help', 'version']);
  });
});
