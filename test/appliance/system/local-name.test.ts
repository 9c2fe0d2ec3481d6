import { expect, test } from 'vitest';
import { localNameOf } from '../../../appliance/system/local-name.ts';

const own = ['192.168.1.5', 'fd00::5'];
const lan = (names: Record<string, string[]>) => (name: string) =>
  names[name] ? Promise.resolve(names[name].map((address) => ({ address }))) : Promise.reject(new Error('ENOTFOUND'));

test('the name of the machine is its own where it leads here, by any of its addresses', async () => {
  expect(await localNameOf({ hostName: 'Reeve.lan', own, lookUp: lan({ 'reeve.local': ['fd00::5'] }) })).toBe(
    'reeve.local',
  );
});

test('where another machine has the name, it is the one that the responder took after it', async () => {
  const lookUp = lan({ 'reeve.local': ['192.168.1.9'], 'reeve-2.local': ['192.168.1.5'] });
  expect(await localNameOf({ hostName: 'reeve', own, lookUp })).toBe('reeve-2.local');
});

test('there is none where no responder answers, nor where all names lead elsewhere', async () => {
  expect(await localNameOf({ hostName: 'reeve', own, lookUp: lan({}) })).toBeNull();
  const lookUp = () => Promise.resolve([{ address: '192.168.1.9' }]);
  expect(await localNameOf({ hostName: 'reeve', own, lookUp })).toBeNull();
});
