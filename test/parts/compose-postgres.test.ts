// What compose.yaml says of the service `postgres`, carried out by Debian's PostgreSQL: its command line, its variables, its health check, and Reeve's address.
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { parseAddress } from '../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../appliance/store/postgres/connect.ts';
import { openToOthers } from '../helpers/directories.ts';
import { freePort } from '../helpers/ports.ts';
import { programOf, userOf } from '../helpers/postgres.ts';
import { startProgram } from '../helpers/program.ts';
import { ROOT } from '../helpers/root.ts';
import { keepingLog } from '../helpers/silent-log.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

const read = (file: string): string => readFileSync(join(ROOT, 'image/container', file), 'utf8');
const { postgres: service } = (
  parse(read('compose.yaml'), { merge: true }) as {
    services: Record<
      string,
      { command: string[]; environment: Record<string, string>; healthcheck: { test: string[] } } | undefined
    >;
  }
).services;
const PASSWORD = 'f3a1';

/** What the image's own entry point does with the same variables: a cluster with that superuser, a database, then the server itself. */
const ENTRYPOINT = `#!/bin/sh -e
[ "$1" = postgres ] && [ -n "$POSTGRES_PASSWORD" ]
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "$POSTGRES_PASSWORD" >"$PGDATA.password"
  initdb --no-sync --username="$POSTGRES_USER" --pwfile="$PGDATA.password" $POSTGRES_INITDB_ARGS "$PGDATA" >/dev/null
  echo "unix_socket_directories = '$(dirname "$PGDATA")'" >>"$PGDATA/postgresql.conf"
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl -w -o "-c listen_addresses=''" start >/dev/null
  createdb -h "$(dirname "$PGDATA")" -U "$POSTGRES_USER" "$POSTGRES_DB"
  pg_ctl -w -m fast stop >/dev/null
fi
exec "$@"
`;

/** The two lines of postgres.env as a person fills them in, for another port. */
function filledIn(port: number): { REEVE_STORE: string; REEVE_STORE_PASSWORD: string } {
  const lines = [...read('postgres.env').matchAll(/^# (REEVE_\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value.replace(':5432', `:${port}`),
  ]);
  return { ...Object.fromEntries(lines), REEVE_STORE_PASSWORD: PASSWORD };
}

/** Environment of the container, and how a process in it is started as the user that it is for. */
function container(port: number) {
  const folder = temporaryDirectory();
  openToOthers(folder);
  const owner = userOf();
  for (const part of ['bin', 'volume']) {
    mkdirSync(join(folder, part), { mode: 0o755 });
    if (owner) chownSync(join(folder, part), owner.uid, owner.gid);
  }
  writeFileSync(join(folder, 'bin/docker-entrypoint.sh'), ENTRYPOINT, { mode: 0o755 });
  const PATH = `${join(folder, 'bin')}:${dirname(programOf('initdb'))}:${process.env.PATH}`;
  const env = { ...service?.environment, PATH, PGDATA: join(folder, 'volume/data'), PGPORT: String(port) };
  const as = owner ? ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'] : [];
  return { folder, env, as };
}

test('the service of Compose is a database that Reeve opens at the address of postgres.env, and is well when Reeve can', async () => {
  const port = await freePort();
  const { folder, env, as } = container(port);
  const given = filledIn(port);
  expect(given.REEVE_STORE).toBe(`postgres://reeve@127.0.0.1:${port}/reeve`);
  const command = (service?.command ?? []).map((word) => word.replaceAll('$$', '$'));
  const start = () => startProgram([...as, ...command], { env: { ...env, ...given }, cwd: folder });
  const isWell = (): boolean => {
    const [, ...words] = service?.healthcheck.test ?? [];
    return (
      spawnSync(words[0] ?? '', words.slice(1), { env: { ...process.env, PATH: env.PATH, PGPORT: env.PGPORT } })
        .status === 0
    );
  };
  const open = (password: string) =>
    openDatabase({ address: parseAddress(given.REEVE_STORE, password), log: keepingLog(), patienceMs: 0 });

  expect(isWell()).toBe(false);
  let program = start();
  onTestFinished(() => (program.isRunning() ? program.kill() : undefined));
  await until(isWell, { timeoutMs: 60_000, everyMs: 200, what: 'the health check says yes' });
  const database = await open(PASSWORD);
  const { id, place } = database;
  expect(place).toBe(`reeve on 127.0.0.1:${port}`);
  await expect(open('another')).rejects.toThrow('user or password is wrong: set REEVE_STORE_PASSWORD');
  await database.close();
  program.signal('SIGINT');
  expect(await program.ended(30_000)).toBe(0);

  program = start();
  await until(isWell, { timeoutMs: 60_000, everyMs: 200, what: 'it is well again' });
  const again = await open(PASSWORD);
  expect(again.id).toBe(id);
  await again.close();
});
