import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ipmi, parseDcmi } from '../../../agent/collectors/ipmi.ts';
import { NothingToRead } from '../../../agent/nothing.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { sampled } from '../../helpers/machine.ts';

const DCMI = `
    Instantaneous power reading:                   144 Watts
    Minimum during sampling period:                 51 Watts
    Maximum during sampling period:                401 Watts
    Average power reading over sample period:      143 Watts
    IPMI timestamp:                           Sat Nov 21 12:00:00 2026
    Sampling period:                          00000005 Seconds.
    Power reading state is:                   activated
`;

test('the reading of the controller is found, and one that is switched off is none', () => {
  expect(parseDcmi(DCMI)).toBe(144);
  expect(parseDcmi(DCMI.replace('activated', 'deactivated'))).toBeUndefined();
  for (const text of [
    '',
    'DCMI request failed because: Invalid command (c1)',
    DCMI.slice(0, 40),
    DCMI.replace('144', '9'.repeat(400)),
  ])
    expect(parseDcmi(text)).toBeUndefined();
});

test('a machine with a controller tells what it takes; without one, or without the program, that is said', async () => {
  const root = makeDirectory();
  const run = async () => ({ output: DCMI, errors: '', code: 0 });
  const without = sampled([ipmi], { root, run });
  await without.sampler.sampleSlow({ at: 0, mono: 0 }, 1_000);
  expect(await without.at(0)).toEqual({});
  mkdirSync(join(root, 'dev'), { recursive: true });
  writeFileSync(join(root, 'dev/ipmi0'), '');
  const { sampler, at } = sampled([ipmi], { root, run });
  await sampler.sampleSlow({ at: 0, mono: 0 }, 1_000);
  expect(await at(0)).toEqual({ 'hw.chassis.power{hw.name="dcmi"}': 144 });
  const missing = sampled([ipmi], {
    root,
    run: () => Promise.reject(new NothingToRead('there is no ipmitool here')),
  });
  await missing.sampler.sampleSlow({ at: 0, mono: 0 }, 1_000);
  expect(missing.sampler.states[0]?.reason).toContain('ipmitool');
});
