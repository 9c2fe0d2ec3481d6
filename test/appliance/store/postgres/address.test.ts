import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AddressError, parseAddress, placeOf } from '../../../../appliance/store/postgres/address.ts';

const SECRET = 'h2n';

describe('an address', () => {
  test.each([
    ['postgres://reeve@db.example/metrics', { host: 'db.example', port: 5432, database: 'metrics', user: 'reeve' }],
    ['postgresql://reeve@db.example:6543/metrics', { host: 'db.example', port: 6543 }],
    ['postgres://reeve@10.0.0.5:5433/reeve', { host: '10.0.0.5', port: 5433 }],
    ['postgres://reeve@[2001:db8::7]:5433/reeve', { host: '2001:db8::7', port: 5433 }],
    ['postgres://reeve@[::1]/reeve', { host: '::1', port: 5432, transport: 'local' }],
    ['postgres://reeve@/reeve?host=/var/run/postgresql', { host: '/var/run/postgresql', transport: 'local' }],
    ['postgres://reeve@/reeve?host=%2Frun%2Fpg%20x&port=5444', { host: '/run/pg x', port: 5444 }],
    ['postgres://reeve@%2Fvar%2Frun%2Fpostgresql/reeve', { host: '/var/run/postgresql', transport: 'local' }],
    ['postgres://r%C3%A9%40x@db/my%20db', { user: 'ré@x', database: 'my db' }],
    ['postgres://reeve@db/reeve?sslrootcert=/etc/ca%20x.pem', { rootCert: '/etc/ca x.pem', transport: 'verified' }],
  ])('%s is read', (text, expected) => {
    expect(parseAddress(text)).toMatchObject(expected);
  });

  const withPassword = (password: string): [string, string | undefined] => [
    `postgres://reeve:${encodeURIComponent(password)}@db/reeve`,
    password,
  ];
  test.each<[string, string | undefined]>([
    ['postgres://reeve:h2n@db/reeve', SECRET],
    ...['@', ':', '/', '?', '#', '%', ' '].map((sign) => withPassword(`a${sign}b`)),
    withPassword('ä 🙂'),
    ['postgres://reeve:$&+,;=[]@db/reeve', '$&+,;=[]'],
    ['postgres://reeve:@db/reeve', undefined],
    ['postgres://reeve@db/reeve', undefined],
  ])('the password of %s comes out as it was meant', (text, password) => {
    expect(parseAddress(text).password?.()).toBe(password);
  });

  test('a password that is said apart wins', () => {
    expect(parseAddress('postgres://reeve:other@db/reeve', SECRET).password?.()).toBe(SECRET);
  });

  test('shows its password to nobody who prints it', () => {
    const address = parseAddress(`postgres://reeve:${SECRET}@db/reeve`);
    for (const shown of [JSON.stringify(address), inspect(address, { depth: 9 }), placeOf(address), String(address)])
      expect(shown).not.toContain(SECRET);
  });

  test.each([
    ['postgres://reeve@db.example/metrics', 'metrics on db.example:5432'],
    ['postgres://reeve@[2001:db8::7]:5433/reeve', 'reeve on [2001:db8::7]:5433'],
    ['postgres://reeve@/reeve?host=/run/pg', 'reeve on /run/pg:5432'],
  ])('%s is told as a place', (text, place) => {
    expect(placeOf(parseAddress(text))).toBe(place);
  });
});

describe('an address that cannot be used says why, and not the password:', () => {
  test.each([
    ['', 'begin with postgres://'],
    ['mysql://reeve:h2n@db/reeve', 'begin with postgres://'],
    ['reeve:h2n@db/reeve', 'begin with postgres://'],
    [' postgres://reeve:h2n@db/reeve', 'begin with postgres://'],
    ['postgres://', 'names no user'],
    ['postgres:///reeve?host=/run/pg', 'names no user'],
    ['postgres://reeve:h2n@/reeve', 'names no host'],
    ['postgres://db/reeve', 'names no user'],
    ['postgres://:h2n@db/reeve', 'names no user'],
    ['postgres://reeve:h2n@db', 'names no database'],
    ['postgres://reeve:h2n@db/', 'names no database'],
    ['postgres://reeve:h2n@db:0/reeve', 'port has to be'],
    ['postgres://reeve:h2n@db:65536/reeve', 'port has to be'],
    ['postgres://reeve:h2n@db:x/reeve', 'port has to be'],
    ['postgres://reeve:h2n@db:/reeve', 'port has to be'],
    ['postgres://reeve:h2n@db:54321:1/reeve', 'in brackets'],
    ['postgres://reeve:h2n@db:5432/reeve?port=5433', 'names two ports'],
    ['postgres://reeve:h2n@db/reeve?host=other', 'names two hosts'],
    ['postgres://reeve:h2n@a,b/reeve', 'several hosts'],
    ['postgres://reeve:h2n@2001:db8::7/reeve', 'in brackets'],
    ['postgres://reeve:h2n@[nonsense]/reeve', 'has to be an IPv6 address'],
    ['postgres://reeve:h2n@[10.0.0.5]/reeve', 'has to be an IPv6 address'],
    ['postgres://reeve:h2n@d b/reeve', 'neither a name nor an address'],
    ['postgres://reeve:h2n@db$/reeve', 'neither a name nor an address'],
    ['postgres://reeve:h2n@?/db/reeve', '"/db/reeve" is not known'],
    ['postgres://reeve:h2n', 'names no user'],
    ['postgres://reeve?h2n', 'names no user'],
    ['postgres://reeve:5432/reeve?h2n', 'names no user'],
    ['postgres://reeve:h2n/@db/reeve', 'has to be encoded'],
    ['postgres://reeve:h2n@@db/reeve', 'has to be encoded'],
    ['postgres://reeve:h2n:x@db/reeve', 'has to be encoded'],
    ['postgres://reeve:h2n#@db/reeve', 'has to be encoded'],
    ['postgres://reeve:h2n%@db/reeve', 'write % as %25'],
    ['postgres://reeve:h2n%z@db/reeve', 'write % as %25'],
    ['postgres://reeve:h2n@db/ree%00ve', 'control character'],
    ['postgres://reeve:h2n@db/ree%0Ave', 'control character'],
    ['postgres://reeve:h2n@db/reeve?application_name=x', '"application_name" is not known'],
    ['postgres://reeve:h2n@db/reeve?password=h2n', '"password" is not known'],
    ['postgres://reeve:h2n@db/reeve?sslmode', 'sslmode is empty'],
    ['postgres://reeve:h2n@db/reeve?sslmode=', 'sslmode is empty'],
    ['postgres://reeve:h2n@db/reeve?sslmode=disable&sslmode=verify-full', 'stands there twice'],
    ['postgres://reeve:h2n@db/reeve?sslmode=prefer', 'would not check the server'],
    ['postgres://reeve:h2n@db/reeve?sslmode=no-verify', 'would not check the server'],
    ['postgres://reeve:h2n@db/reeve?sslmode=allow', 'would not check the server'],
    ['postgres://reeve:h2n@db/reeve?sslmode=disable&sslrootcert=/ca.pem', 'exclude each other'],
  ])('%s', (text, reason) => {
    const tell = (): string => {
      try {
        parseAddress(text);
        return 'nothing is wrong';
      } catch (error) {
        return error instanceof AddressError ? error.message : `another error: ${error}`;
      }
    };
    expect(tell()).toContain(reason);
    expect(tell()).not.toContain(SECRET);
  });
});

describe('what leaves the machine', () => {
  test.each([
    ['db.example', '', 'verified'],
    ['db', 'sslmode=verify-full', 'verified'],
    ['db', 'sslmode=require', 'verified'],
    ['db', 'sslmode=verify-ca', 'verified'],
    ['10.0.0.5', '', 'verified'],
    ['10.0.0.5', 'sslmode=disable', 'plain'],
    ['[fe80::1]', '', 'verified'],
    ['localhost.example', '', 'verified'],
    ['127.example', '', 'verified'],
    ['localhost', '', 'local'],
    ['LOCALHOST', '', 'local'],
    ['127.0.0.1', '', 'local'],
    ['127.8.0.1', 'sslmode=disable', 'local'],
    ['[::1]', '', 'local'],
    ['localhost', 'sslmode=verify-full', 'verified'],
    ['127.0.0.1', 'sslrootcert=/ca.pem', 'verified'],
  ])('to %s with "%s" is %s', (host, query, transport) => {
    expect(parseAddress(`postgres://reeve@${host}/reeve?${query}`).transport).toBe(transport);
  });
});
