import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { StoreAddress } from './address.ts';

/**
 * The password that `PGPASSWORD`, or the file of `PGPASSFILE` or `~/.pgpass`, has for an address, as PostgreSQL's own programs find it:
 * lines of `host:port:database:user:password`, `*` for any. A file that others may read does not count.
 */
export async function filedPassword(address: StoreAddress, env = process.env): Promise<string | undefined> {
  if (env.PGPASSWORD) return env.PGPASSWORD;
  const file = env.PGPASSFILE || join(homedir(), '.pgpass');
  try {
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) return undefined;
    return passwordIn(await readFile(file, 'utf8'), address);
  } catch {
    return undefined;
  }
}

/** The first line that fits decides. A Unix socket is `localhost` there, or its folder. */
export function passwordIn(text: string, { host, port, database, user }: StoreAddress): string | undefined {
  const wanted = [host.startsWith('/') ? [host, 'localhost'] : [host], [String(port)], [database], [user]];
  for (const line of text.split(/\r?\n/)) {
    const [fields, password] = line.startsWith('#') ? [[], ''] : fieldsOf(line);
    const fits = wanted.every((each, n) => fields[n] === '*' || each.includes(fields[n] ?? ''));
    if (fits && password !== undefined) return password;
  }
  return undefined;
}

/** Four fields and the password, between colons; a backslash takes the special meaning from the next character. */
function fieldsOf(line: string): [fields: string[], password: string | undefined] {
  const found = [...line.matchAll(/((?:\\.|[^:\\])*)(:|$)/g)].map(([, field = '']) => field.replace(/\\(.)/g, '$1'));
  return [found.slice(0, 4), found[4] || undefined];
}
