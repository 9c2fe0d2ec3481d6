import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../appliance/audits/parse.ts';
import { clean, Progress, readSections } from '../../../appliance/audits/read.ts';
import { auditScript, markOf, sectionsOf } from '../../../protocol/audit-script.ts';

const NONCE = 'abcdef0123456789';
const outputOf = (sections: Record<string, string>, isWhole = true): Buffer =>
  Buffer.from(
    [...Object.entries(sections), ...(isWhole ? [['END', '']] : [])]
      .map(([id = '', text = '']) => `\n${markOf(NONCE, id)}\n${text}`)
      .join(''),
  );

describe('an output', () => {
  test('that does not come to its end is not whole', () => {
    expect(readSections(outputOf({ os: 'ID=x' }), NONCE).isWhole).toBe(true);
    expect(readSections(outputOf({ os: 'ID=x' }, false), NONCE).isWhole).toBe(false);
    expect(readSections(Buffer.from(''), NONCE)).toMatchObject({ isWhole: false });
  });

  test('of a host that knows no nonce cannot forge a section', () => {
    const forged = `ID=x\n${markOf('0'.repeat(16), 'passwords')}\nroot:empty\n@@ END`;
    const { sections } = readSections(outputOf({ os: forged }), NONCE);
    expect([...sections.keys()]).toEqual(['os']);
  });

  test('with control characters, escapes, directions and broken letters is made safe', () => {
    const hostile = '\u001b]0;title\u0007\u001b[31mred\u001b[0m\u202egnp.exe\u0000\u009b1m\u200d';
    const text = clean(hostile);
    expect(text).toContain('red');
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const { sections } = readSections(
      Buffer.concat([outputOf({ os: 'NAME=' }, false), Buffer.from([0xff, 0xfe, 0x80])]),
      NONCE,
    );
    expect(sections.get('os')?.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('of one huge line or a million lines is cut', () => {
    const { sections } = readSections(outputOf({ os: 'x'.repeat(3e6), users: 'y\n'.repeat(1e6) }), NONCE);
    expect(sections.get('os')?.[0]?.length).toBe(4_096);
    expect(sections.get('users')?.length).toBe(20_000);
  });

  test('tells which section has begun, however it is cut into pieces', () => {
    const output = outputOf({ os: 'a', users: 'b' });
    for (const size of [1, 7, 10_000]) {
      const told: string[] = [];
      const progress = new Progress(NONCE, (section) => told.push(section));
      for (let at = 0; at < output.length; at += size) progress.take(output.subarray(at, at + size));
      expect(told).toEqual(['os', 'users', 'END']);
    }
  });

  test('of nothing but noise leaves every part out, or empty', () => {
    const noise = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * 7919 + (n % 13) * 31) % 256));
    expect(Object.keys(parseFacts(readSections(noise, NONCE).sections))).toEqual([]);
  });
});

/** Shells that are on this machine; `sh -s` of each runs the same script. */
const SHELLS = [
  ['dash'],
  ['bash', '--posix'],
  ['busybox', 'ash'],
  ['mksh'],
  ['ksh93'],
  ['zsh', '--emulate', 'sh'],
].filter(([name = '']) => ['/bin', '/usr/bin'].some((place) => existsSync(`${place}/${name}`)));

describe('the script', () => {
  test('takes no nonce but hex, so that nothing can be put into it', () => {
    expect(() => auditScript('quick', '"; rm -rf /; "0123456789abcdef')).toThrow('hex');
  });

  test('changes nothing: it has no command that writes, installs, stops or asks for a password', () => {
    const script = auditScript('full', NONCE);
    expect(script).not.toMatch(
      /\b(?:rm|mv|cp|chmod|chown|mkdir|touch|tee|dd (?!obs=4096[ ;])|install|apt-get update|systemctl (?:start|stop|restart))\b/,
    );
    // Redirections go to nothing at all, or to what is open.
    for (const [, to] of script.matchAll(/\d?>>?\s*(\S+)/g)) expect(to).toMatch(/^(?:\/dev\/null|&[123-])[;)]?$/);
  });

  for (const [name = '', ...args] of SHELLS)
    test(`gives every section under ${name}, to its end, and leaves no process behind`, () => {
      const input = auditScript('quick', NONCE);
      const { stdout, status } = spawnSync(name, [...args, '-s'], { input, maxBuffer: 16 << 20 });
      const { sections, isWhole } = readSections(stdout, NONCE);
      expect(status).toBe(0);
      expect(isWhole).toBe(true);
      expect([...sections.keys()]).toEqual(sectionsOf('quick'));
      const facts = parseFacts(sections);
      for (const part of ['system', 'os', 'memory', 'disks', 'users', 'processes', 'sysctl', 'files'] as const)
        expect(facts[part], part).toBeDefined();
      expect(facts.processes?.length).toBeGreaterThan(2);
    }, 60_000);
});
