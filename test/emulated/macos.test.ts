import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../image/executables/parts.mjs';
import { PLATFORMS } from '../../image/executables/platforms.mjs';
import { ROOT } from '../helpers/root.ts';
import { readMachO } from './macho.ts';
import { makeFor } from './make.ts';

const PLATFORM = { 'darwin-arm64': true, 'darwin-x64': false };

/** Nothing here can run them: their form is checked, by a reader that is tried on what Apple's tools have signed. */
describe.each(Object.entries(PLATFORM))('the executable for %s', (platform, isArm) => {
  const published = () => bytesOf(PLATFORMS[platform as keyof typeof PLATFORM]) as Buffer;

  test('is made of a Node whose signature this reader finds right, and wrong when a byte of it is changed', () => {
    const node = published();
    expect(readMachO(node)).toMatchObject({ isArm, signature: { isAdHoc: false, wrong: 0 } });
    const changed = Buffer.from(node);
    changed[50_000] = (changed[50_000] ?? 0) ^ 1;
    expect(readMachO(changed).signature?.wrong).toBe(1);
  });

  test('holds the agent where Node looks for it, and is signed ad hoc, page for page', async () => {
    const bytes = readFileSync(await makeFor(platform));
    const { sections, signature, ends, ...rest } = readMachO(bytes);
    expect(rest.isArm).toBe(isArm);
    expect(signature).toMatchObject({ identifier: 'reeve-agent', isAdHoc: true, wrong: 0 });
    expect(signature?.pages).toBeGreaterThan(20_000);
    expect(ends[0]).toBe(ends[1]);
    const resource = sections.find(({ segment }) => segment === 'NODE_SEA');
    expect(resource?.name).toBe('__NODE_SEA_BLOB');
    const { offset = 0, size = 0 } = resource ?? {};
    const script = readFileSync(path.join(ROOT, 'dist/agent/agent.cjs'));
    expect(bytes.subarray(offset, offset + size).includes(script)).toBe(true);
    expect(sections.filter(({ segment }) => segment === '__TEXT').length).toBe(
      readMachO(published()).sections.filter(({ segment }) => segment === '__TEXT').length,
    );
  });
});
