import { describe, expect, test } from 'vitest';
import { shellLine } from '../../../appliance/agents/install-line.ts';
import {
  commandOf,
  failureOf,
  InstallError,
  judgeLook,
  judgePassword,
  readable,
} from '../../../appliance/installs/commands.ts';
import { Output } from '../../../appliance/installs/output.ts';

const target = { hub: 'https://10.0.0.2:8443', pin: 'abc=', token: 'RV-X', may: [] };
const codeOf = (work: () => void): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof InstallError) return error.code;
    throw error;
  }
  return 'fine';
};

test('the command is the install line; root needs no sudo, and a password goes to sudo before the line', () => {
  const line = shellLine(target, 'sudo');
  expect(line).toBe(
    "curl -fsSk --pinnedpubkey 'sha256//abc=' https://10.0.0.2:8443/install.sh | sudo REEVE_TOKEN=RV-X sh -s -- --read-only",
  );
  expect(commandOf(line, false)).toBe(line);
  expect(commandOf(line, true)).toBe(`sudo -S -p '' -v && ${line}`);
  expect(shellLine(target, 'root')).not.toContain('sudo');
});

describe('what a machine says of itself', () => {
  const place = { user: 'ada', sudoAsks: false, hub: target.hub };
  const look = (said: string, change = {}) => codeOf(() => judgeLook(said, { ...place, ...change }));

  test('lets the installation go on where nothing is missing', () => {
    expect(look('system=Linux\nuid=0\ncurl=0')).toBe('fine');
    expect(look('system=Linux\nuid=1000\nsudo=yes\nfree=yes\ncurl=0')).toBe('fine');
    expect(look('system=Linux\nuid=1000\nsudo=yes\ncurl=0', { sudoAsks: true })).toBe('fine');
    expect(look('system=Darwin\nuid=501\nsudo=yes\nfree=yes\ncurl=0')).toBe('fine');
  });

  test.each([
    ['system=FreeBSD\nuid=0\ncurl=0', 'unsupported'],
    ['system=Linux\nopenwrt=yes\nuid=0\ncurl=0', 'unsupported'],
    ['', 'unsupported'],
    ['system=Linux\nuid=1000\ncurl=0', 'no-sudo'],
    ['system=Linux\nuid=1000\nsudo=yes\ncurl=0', 'sudo-asks'],
    ['system=Linux\nuid=0', 'no-curl'],
    ['system=Linux\nuid=0\ncurl=90', 'wrong-pin'],
    ['system=Linux\nuid=0\ncurl=7', 'no-way-back'],
    ['system=Linux\nuid=0\ncurl=\u001b]0;x\u0007', 'no-way-back'],
  ])('%j ends it with %s', (said, code) => expect(look(said)).toBe(code));

  test('is no text for a person before it was looked at', () => {
    const hostile = `system=<b>\u001b[31m${'x'.repeat(9_000)}`;
    expect(() => judgeLook(hostile, place)).toThrow('There is no agent for this system');
  });
});

test.each([
  ['1 incorrect password attempt', 'sudo-password'],
  ['Sorry, try again.\nsudo: no password was provided', 'sudo-password'],
  ['ada is not in the sudoers file.', 'not-in-sudoers'],
  ['sudo: /etc/sudoers is world writable', 'sudo'],
])('sudo that says %j means %s', (errors, code) => {
  expect(codeOf(() => judgePassword({ code: 1, errors }, 'ada'))).toBe(code);
  expect(codeOf(() => judgePassword({ code: 0, errors }, 'ada'))).toBe('fine');
});

test('a command that failed is told in the words of the installer, or with its last line', () => {
  const installer =
    'Fetching\nreeve-agent: this appliance has no executable for linux-riscv64: install Node 20.19 or newer\n';
  expect(failureOf(1, installer).message).toMatch(/^this appliance has no executable for linux-riscv64/);
  expect(failureOf(1, 'sudo: a password is required').code).toBe('sudo-asks');
  expect(failureOf(127, 'sh: 1: curl: not found\n\n').message).toBe(
    'The command ended with 127: sh: 1: curl: not found',
  );
  expect(failureOf(undefined, '').message).toBe('The command ended with a signal');
});

describe('what a command writes', () => {
  test('is shown without escapes, control and direction characters', () => {
    const text = readable('\u001b]0;title\u0007\u001b[31mred\u001b[0m\u202egnp.exe\u0000\r\n50 %\r100 %');
    expect(text).toContain('red');
    expect(text).toContain('50 %\n100 %');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('loses the secrets that were typed, also where one comes in two pieces', () => {
    const output = new Output(['hunter2 and more', undefined]);
    for (const piece of ['you typed hunter', '2 and more, and hunter2 and more\n']) output.take(Buffer.from(piece));
    expect(output.text).toBe('you typed ••••, and ••••\n');
  });

  test('is kept to its last part, and a letter of several bytes may come in two pieces', () => {
    const output = new Output();
    output.take(Buffer.from('x'.repeat(100_000)));
    output.take(Buffer.from([0xc3]));
    output.take(Buffer.from([0xa4]));
    expect(output.text.length).toBeLessThanOrEqual(32_768);
    expect(output.text.endsWith('xä')).toBe(true);
  });
});
