import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { strippedElf } from '../../image/executables/elf.mjs';
import { signedMachO } from '../../image/executables/macho.mjs';
import { bytesOf } from '../../image/executables/parts.mjs';
import { unsignedPe } from '../../image/executables/pe.mjs';
import { makeDirectory } from '../helpers/directories.ts';
import { ROOT } from '../helpers/root.ts';

/** A tar with one file, packed as npm packs. */
function partWith(name: string, text: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write(`${text.length.toString(8).padStart(11, '0')} `, 124);
  return gzipSync(Buffer.concat([header, Buffer.from(text.padEnd(512, '\0')), Buffer.alloc(1024)]));
}

describe('a part of executables', () => {
  const integrity = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

  /** Lies where it would have been fetched to. */
  function fetched(bytes: Buffer): { part: string; file: string } {
    const name = `reeve-test-part-${process.pid}-${bytes.length}`;
    const file = path.join(ROOT, 'dist/.parts', `${name}-1.0.0.tgz`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    onTestFinished(() => rmSync(file, { force: true }));
    return { part: `${name}@1.0.0`, file };
  }

  test('is used when it is what is pinned', () => {
    const bytes = partWith('package/bin/node', 'a program');
    const { part } = fetched(bytes);
    const one = { part, integrity: integrity(bytes), inside: 'package/bin/node' };
    expect(bytesOf(one)?.toString()).toBe('a program');
    expect(() => bytesOf({ ...one, inside: 'package/bin/other' })).toThrow('holds no package/bin/other');
  });

  test('is refused and forgotten when it is another', () => {
    const { part, file } = fetched(partWith('package/bin/node', 'another program'));
    const pinned = integrity(partWith('package/bin/node', 'a program'));
    expect(() => bytesOf({ part, integrity: pinned, inside: 'package/bin/node' })).toThrow('nothing was built of it');
    expect(existsSync(file)).toBe(false);
  });
});

test('a program for Linux runs without its symbols and table of sections', () => {
  const whole = readFileSync('/usr/bin/env');
  const file = path.join(makeDirectory(), 'env');
  const stripped = strippedElf(whole);
  writeFileSync(file, stripped, { mode: 0o755 });
  expect(stripped.length).toBeLessThan(whole.length);
  expect(stripped.readUInt16LE(60)).toBe(0);
  expect(spawnSync(file, ['-i', 'A=1', file], { encoding: 'utf8' }).stdout).toBe('A=1\n');
});

test('what is no program of that system is refused, not changed', () => {
  const text = Buffer.from('#!/bin/sh\n'.repeat(100));
  expect(() => strippedElf(text)).toThrow('not a 64-bit ELF file');
  expect(() => signedMachO(text, 'reeve-agent')).toThrow('not a 64-bit Mach-O file');
  expect(() => unsignedPe(text)).toThrow('not a Windows executable');
});
