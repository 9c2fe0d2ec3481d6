import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { UnpackingApart } from '../../../appliance/agents/unpacking-apart.ts';
import { makeDirectory } from '../../helpers/temporary.ts';

const never = new AbortController().signal;

/** Hands over to a program of these lines in place of the built one, which `npm test -- executables` runs. */
function apart(lines: string) {
  const dir = makeDirectory();
  const program = path.join(dir, 'unpack.cjs');
  writeFileSync(program, lines);
  let told = 0;
  const onReady = async () => {
    told += 1;
  };
  return { unpacking: new UnpackingApart(program, { dir, onReady }), told: () => told };
}

test('what the process says is told as it comes, and answered in the end', async () => {
  const failed = [{ platform: 'linux-x64', reason: 'damaged' }];
  const { unpacking, told } = apart(
    `process.stdin.resume().on('end', () => console.log('{"isReady":true}\\n{"isReady":true}\\n${JSON.stringify({ failed })}'))`,
  );
  expect(await unpacking.make([], never)).toEqual(failed);
  expect(told()).toBe(2);
});

test('a process that ends too early is an error that says how it ended', async () => {
  await expect(apart('process.exit(3)').unpacking.make([], never)).rejects.toThrow('ended too early, with 3');
});

test('a stop of the appliance ends the process', async () => {
  const ending = new AbortController();
  const { unpacking } = apart(`setInterval(() => undefined, 1_000); console.log('{"isReady":true}')`);
  const making = unpacking.make([], ending.signal);
  ending.abort();
  expect(await making).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'where memory does not suffice, the process is ended before the appliance',
  async () => {
    const score = "require('node:fs').readFileSync('/proc/self/oom_score_adj', 'utf8').trim()";
    const { unpacking } = apart(
      `process.stdin.resume().on('end', () => console.log(JSON.stringify({ failed: [{ platform: 'any', reason: ${score} }] })))`,
    );
    expect(await unpacking.make([], never)).toEqual([{ platform: 'any', reason: '800' }]);
  },
);
