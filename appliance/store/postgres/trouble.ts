import { errnoOf, StorageError } from '../errors.ts';

/** A statement or a connection that took longer than it may. */
export class LateError extends Error {
  override readonly name = 'LateError';
  readonly code = 'LATE';
}

/**
 * The error of a driver as one for people: `what`, why, and the cure. What the server says about rows stays out of it, because rows
 * hold secrets.
 */
export function troubleOf(what: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const known = WORDS[errnoOf(error)] ?? BY_TEXT.find(([pattern]) => pattern.test(said))?.[1];
  return new StorageError(what, new PlainError(known ? withDetail(known, errnoOf(error), said) : said, errnoOf(error)));
}

/** Whether it may go away by itself: a server that has yet to start, a network that is down. */
export function mayPass(error: StorageError): boolean {
  const { errno } = error;
  return PASSING.includes(errno) || /^(?:08|53|57)/.test(errno) || /connection terminated/i.test(error.message);
}

/** Whether the server refused to write at all, so that another connection may find one that does. */
export const isReadOnly = (error: unknown): boolean => error instanceof StorageError && error.errno === '25006';

/** The code that a person can look up, without the driver's fields. `EACCES` of a socket would be taken for one of the disk. */
class PlainError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code === 'EACCES' ? 'EPERM' : code;
  }
}

const PASSING = [
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ENOENT'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'LATE', '25006'],
];

const START = 'start PostgreSQL there, or mend the address (REEVE_STORE)';
const TRUST = 'name the CA that signed it with ?sslrootcert=/path in REEVE_STORE';

const WORDS: Record<string, string> = {
  ECONNREFUSED: `nothing listens there: ${START}`,
  ENOENT: `there is no such socket: ${START}`,
  EACCES: 'this user may not use the socket: let it, or use the address 127.0.0.1',
  ENOTFOUND: 'no such name is known: mend the address (REEVE_STORE), or the name server',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'it does not answer: look at the network and its firewall',
  EHOSTUNREACH: 'no way leads there: look at the network',
  ENETUNREACH: 'no way leads there: look at the network',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  '28P01': 'user or password is wrong: set REEVE_STORE_PASSWORD',
  '28000': 'the server does not let this user in: see pg_hba.conf there',
  '3D000': 'there is no such database: make it with CREATE DATABASE, and let it belong to this user',
  '42501': 'this user may not do that: let the database belong to it (ALTER DATABASE … OWNER TO …)',
  '25006': 'the server takes no writes: it is a standby, or was made read-only',
  '53100': 'the disk of the database server is full: free some space there',
  '53200': 'the database server is out of memory',
  '53300': 'the server has no connection left: raise max_connections there',
  '57014': 'the server took too long: see what it is busy with',
  '57P01': 'the server was stopped',
  '57P02': 'the server crashed and starts again',
  '57P03': 'the server starts or stops just now',
  '42P01': 'tables are missing: restore the database from a backup',
  '3F000': 'its schema is missing: restore the database from a backup',
  SELF_SIGNED_CERT_IN_CHAIN: `nobody here knows who signed its certificate: ${TRUST}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `its certificate was signed by itself: ${TRUST}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `nobody here knows who signed its certificate: ${TRUST}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `nobody here knows who signed its certificate: ${TRUST}`,
  CERT_HAS_EXPIRED: 'its certificate is out of date: renew it there',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: look at the clocks of both machines',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: use that one in REEVE_STORE',
};

/** Errors of the driver that have no code. */
const BY_TEXT: readonly [RegExp, string][] = [
  [
    /does not support SSL/,
    'it does not speak TLS: switch ssl on there, or say sslmode=disable in REEVE_STORE where the network is yours alone',
  ],
  [/password must be a (?:non-empty )?string/, 'it asks for a password: set REEVE_STORE_PASSWORD'],
  [/timeout expired/, 'it does not answer: look at the network and its firewall'],
  [/terminated unexpectedly|not queryable|Connection terminated/, 'the connection was cut'],
];

/** What the server itself says helps only where the cause lies with it. */
const withDetail = (known: string, code: string, said: string): string =>
  /^(?:28000|42501|53)/.test(code) ? `${known} (${said})` : known;
