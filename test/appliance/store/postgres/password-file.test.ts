import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { filedPassword, passwordIn } from '../../../../appliance/store/postgres/password-file.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';

const db = parseAddress('postgres://reeve@db.example:5433/metrics');
const socket = parseAddress('postgres://reeve@/metrics?host=/run/pg');

test.each([
  ['db.example:5433:metrics:reeve:right', 'right'],
  ['*:*:*:*:right', 'right'],
  [
    '# db.example:5433:metrics:reeve:wrong\n\ndb.example:5432:metrics:reeve:wrong\r\n*:5433:*:reeve:right\r\n*:*:*:*:later',
    'right',
  ],
  ['db.example:5433:metrics:reeve:a\\:b\\\\c', 'a:b\\c'],
  ['db.example:5433:metrics:other:wrong', undefined],
  ['db.example:5433:metrics:reeve', undefined],
  ['', undefined],
])('%j has the password %j', (text, password) => {
  expect(passwordIn(text, db)).toBe(password);
});

test('a Unix socket is found by its folder and as localhost', () => {
  expect(passwordIn('/run/pg:*:*:*:right', socket)).toBe('right');
  expect(passwordIn('localhost:5432:metrics:reeve:right', socket)).toBe('right');
  expect(passwordIn('db.example:*:*:*:wrong', socket)).toBeUndefined();
});

test('a file that others may read does not count, nor one that is missing', async () => {
  const file = join(temporaryDirectory(), 'pgpass');
  expect(await filedPassword(db, { PGPASSFILE: file })).toBeUndefined();
  writeFileSync(file, '*:*:*:*:right\n', { mode: 0o600 });
  expect(await filedPassword(db, { PGPASSFILE: file })).toBe('right');
  chmodSync(file, 0o640);
  expect(await filedPassword(db, { PGPASSFILE: file })).toBeUndefined();
  expect(await filedPassword(db, { PGPASSFILE: file, PGPASSWORD: 'said' })).toBe('said');
});
