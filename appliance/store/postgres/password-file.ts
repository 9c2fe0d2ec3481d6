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

/** The first line that fits decides. */
export function passwordIn(text: string, { host, port, database, user }: StoreAddress): string | undefined {
  const wanted = [host.startsWith('/') ? 'localhost' : host, String(port), database, user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const [password, ...fields] = fieldsOf(line).reverse();
    const given = fields.reverse();
    if (given.length === 4 && given.every((field, n) => field === '*' || field === wanted[n])) return password;
  }
  return undefined;
}

/** Fields between colons; a backslash takes the special meaning from the next character. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field = '']) => field.replace(/\\(.)/g, '$1')).slice(0, 5);
