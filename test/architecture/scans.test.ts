import { describe, expect, test } from 'vitest';
import { secretsIn } from '../scans/secrets.mjs';

/** Put together at run time, so that this file is not itself full of finds. */
const EXAMPLES: Record<string, string> = {
  'private key': `-----BEGIN EC ${'PRIVATE'} KEY-----\n${'MHcCAQEE'.repeat(8)}`,
  'cloud access key': `AKIA${'ABCDEFGH'.repeat(2)}`,
  'code hosting token': `ghp_${'a1B2c3D4'.repeat(5)}`,
  'chat token': `xoxb-${'123456789012-'.repeat(2)}abc`,
  'chat webhook': `https://hooks.slack${'.com/services/'}T${'A1'.repeat(5)}/B${'A1'.repeat(5)}/${'x'.repeat(24)}`,
  'registry token': `npm_${'a1B2c3'.repeat(6)}`,
  'model service key': `sk-ant-${'a1B2c3D4'.repeat(5)}`,
  'signed token': `eyJ${'hbGciOiJI'.repeat(2)}.eyJ${'zdWIiOiIx'.repeat(2)}.${'c2lnbmVk'.repeat(4)}`,
  'password in an address': `postgres://reeve:${'hunter2hunter2'}@db.example/reeve`,
};

describe('the secret scan', () => {
  for (const [rule, example] of Object.entries(EXAMPLES)) {
    test(`finds a ${rule} and says where`, () => {
      expect(secretsIn(`first line\nconst x = '${example}';\n`)).toEqual([{ line: 2, rule }]);
    });
  }

  test('leaves a line alone that is marked as harmless', () => {
    expect(
      secretsIn(`const x = 'AKIA${'ABCDEFGH'.repeat(2)}'; // not-a-secret: from the vendor's documentation`),
    ).toEqual([]);
  });

  test('leaves placeholders in addresses alone', () => {
    expect(secretsIn('postgres://user:$' + '{password}@host/db https://HUB:8443/install.sh')).toEqual([]);
  });
});
