import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultBudget } from '../../../appliance/settings/sections/history.ts';
import { roomOf } from '../../../appliance/stages/room.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

test('of a database neither wear nor room is judged by the disk of the data directory', async () => {
  const place = 'PostgreSQL reeve on db.example:5432';
  const there = await roomOf({ files: {} as never, place }, '/nonexistent');
  expect(there.storage).toEqual({ wears: false, what: place });
  expect(defaultBudget(await there.freeBytes())).toBe(20);
  const dir = temporaryDirectory();
  mkdirSync(join(dir, 'history'));
  const here = await roomOf({ place: dir }, dir);
  expect(await here.freeBytes()).toBeGreaterThan(0);
  expect(await here.freeBytes()).toBeLessThan(Number.POSITIVE_INFINITY);
});
