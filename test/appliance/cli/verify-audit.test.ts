import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { runReeve } from '../../../appliance/reeve.ts';
import { startInProcess } from '../../helpers/in-process.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { pieces } from '../../helpers/transfer.ts';

async function reeve(words: readonly string[], data: string) {
  const stdout = new PassThrough();
  const read = stdout.toArray();
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const code = await runReeve(words, { REEVE_DATA: data }, { stdin: pieces(''), stdout, say });
  stdout.end();
  return { code, said, out: Buffer.concat(await read).toString() };
}

test('reeve verify-audit tells an intact trail from one that somebody cut', async () => {
  const data = temporaryDirectory();
  const running = await startInProcess({ data });
  await running.setUp();
  await running.call('POST', '/api/v1/system/clock/confirm');
  const held = await reeve(['verify-audit'], data);
  expect(held).toMatchObject({ code: 1, said: expect.stringContaining('stop it first') });
  await running.stop();
  expect(await reeve(['verify-audit'], data)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+ entries: nothing was changed.* Newest: \d+ [\w-]{43}\n$/),
  });

  const file = path.join(data, 'docs', 'audit-trail.db');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${lines.slice(0, -1).join('\n')}\n`);
  const cut = await reeve(['verify-audit'], data);
  expect(cut).toMatchObject({ code: 1, out: expect.stringMatching(/entry \d+ is missing\n.*was changed or damaged/) });
});

test('reeve verify-audit refuses a folder without data and words that it does not know', async () => {
  expect(await reeve(['verify-audit'], temporaryDirectory())).toMatchObject({
    code: 2,
    said: expect.stringContaining('no data'),
  });
  expect((await reeve(['verify-audit', '--deep'], temporaryDirectory())).code).toBe(2);
});
