import { isIP } from 'node:net';

/** Where a database is and how it is reached; checked, and nothing of it is a secret but what `password` answers. */
export interface StoreAddress {
  /** Name, address (IPv6 without brackets), or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** A function, so that no log shows it. Absent: none was said. */
  readonly password?: () => string;
  /** `verified`: the certificate must be good for `host`. `local`: it does not leave this machine. `plain`: asked for, and readable on its way. */
  readonly transport: 'verified' | 'local' | 'plain';
  /** File with the CAs that are believed in place of those that Node knows. */
  readonly rootCert?: string;
}

/** An address that cannot be used; the message says what is wrong and the cure, and holds no password. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

const FORM = 'as postgres://user@host:5432/database';
const ADDRESS = /^postgres(?:ql)?:\/\/(?:(.*)@)?(\[[^\]]*\]|[^:/?@]*)(?::([^/?]*))?(?:\/([^?]*))?(?:\?(.*))?$/s;
const KNOWN = ['host', 'port', 'sslmode', 'sslrootcert'] as const;
const VERIFIED = ['require', 'verify-ca', 'verify-full'];

/** Reads the address of a database. `password` wins over the one in the address. Fails with `AddressError`. */
export function parseAddress(text: string, password?: string): StoreAddress {
  if (!/^postgres(?:ql)?:\/\//.test(text)) throw new AddressError(`it has to begin with postgres://, ${FORM}`);
  const [, login = '', hostText = '', portText, databaseText, query = ''] = ADDRESS.exec(text) ?? wrong();
  if (text.includes('#') || /[/?]/.test(login)) throw new AddressError(ENCODE);
  const [user = '', secret] = loginOf(login);
  // Before anything of the rest is named: without an @ it may be a part of the password.
  if (user === '') throw new AddressError(`it names no user: write it before the host, ${FORM}`);
  const parameters = parametersOf(query);
  const host = hostOf(hostText, parameters.get('host'));
  const database = decode(databaseText ?? '');
  if (database === '') throw new AddressError(`it names no database: write it behind the host, ${FORM}`);
  const known = password ?? secret;
  const rootCert = parameters.get('sslrootcert');
  return {
    host,
    port: portOf(portText, parameters.get('port')),
    database,
    user,
    ...(known !== undefined && { password: () => known }),
    transport: transportOf(host, parameters.get('sslmode'), rootCert),
    ...(rootCert !== undefined && { rootCert }),
  };
}

/** Where it is, for people: `reeve on db.example:5432`. */
export function placeOf({ host, port, database }: StoreAddress): string {
  return `${database} on ${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** What is wrong with a command line, without the addresses that were typed in a wrong place: there may be a password in them. */
export const withoutAddresses = (text: string): string => text.replace(/(postgres(?:ql)?:\/\/)(?:.*(?=')|.*)/s, '$1…');

const ENCODE =
  'a character of its user or password has to be encoded: write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23';

function wrong(): never {
  throw new AddressError(`it cannot be read: write it ${FORM}`);
}

function parametersOf(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of query.split('&').filter(Boolean)) {
    const at = part.indexOf('=');
    const name = decode(at < 0 ? part : part.slice(0, at));
    if (!(KNOWN as readonly string[]).includes(name))
      throw new AddressError(`its parameter ${JSON.stringify(name)} is not known here; known are ${KNOWN.join(', ')}`);
    if (found.has(name)) throw new AddressError(`its parameter ${name} stands there twice`);
    const value = decode(at < 0 ? '' : part.slice(at + 1));
    if (value === '') throw new AddressError(`its parameter ${name} is empty`);
    found.set(name, value);
  }
  return found;
}

function loginOf(login: string): string[] {
  const at = login.indexOf(':');
  const parts = at < 0 ? [login] : [login.slice(0, at), login.slice(at + 1)];
  if (parts.some((part) => /[@:]/.test(part))) throw new AddressError(ENCODE);
  return parts.map(decode).filter((part, n) => n === 0 || part !== '');
}

function hostOf(text: string, parameter: string | undefined): string {
  const host = text.startsWith('[') ? text.slice(1, -1) : decode(text);
  if (text.startsWith('[') && isIP(host) !== 6) throw new AddressError('what stands in [ ] has to be an IPv6 address');
  if (parameter !== undefined && text !== '' && host !== parameter)
    throw new AddressError('it names two hosts: one before the database, one as ?host=');
  const named = parameter ?? host;
  if (named === '')
    throw new AddressError(`it names no host: write localhost, or ?host=/var/run/postgresql for a Unix socket`);
  if (named.includes(',')) throw new AddressError('it names several hosts: name the one that is to be used');
  if (named.startsWith('/') || isIP(named)) return named;
  if (!/^[a-z0-9._-]{1,253}$/i.test(named))
    throw new AddressError(`its host is neither a name nor an address: write it ${FORM}`);
  return named;
}

function portOf(text: string | undefined, parameter: string | undefined): number {
  if (text !== undefined && parameter !== undefined && text !== parameter)
    throw new AddressError('it names two ports: one behind the host, one as ?port=');
  const named = text ?? parameter ?? '5432';
  if (named.includes(':'))
    throw new AddressError('an IPv6 address has to stand in brackets, as postgres://user@[2001:db8::7]:5432/database');
  const port = /^\d{1,5}$/.test(named) ? Number(named) : 0;
  if (port < 1 || port > 65_535) throw new AddressError('its port has to be a number from 1 to 65535');
  return port;
}

/** Nothing leaves this machine unless the server has proved who it is, or a person has said that it may. */
function transportOf(host: string, mode: string | undefined, rootCert: string | undefined): StoreAddress['transport'] {
  if (mode !== undefined && mode !== 'disable' && !VERIFIED.includes(mode))
    throw new AddressError(
      `sslmode=${mode} would not check the server: say verify-full, or disable for no encryption at all`,
    );
  if (mode === 'disable' && rootCert !== undefined)
    throw new AddressError('sslmode=disable and sslrootcert exclude each other');
  if (host.startsWith('/')) return 'local';
  if (mode !== undefined && mode !== 'disable') return 'verified';
  if (isLoopback(host)) return rootCert === undefined ? 'local' : 'verified';
  return mode === 'disable' ? 'plain' : 'verified';
}

const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function decode(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new AddressError('a % in it is not followed by two hex digits: write % as %25');
  }
  if (/\p{Cc}/u.test(plain)) throw new AddressError('it holds a control character');
  return plain;
}
