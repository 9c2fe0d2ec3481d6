import { expect, test } from 'vitest';
import { type Events, Hub } from '../../appliance/hub.ts';

const fact: Events['fact'] = { siteId: 's', kind: 'test', key: 'k', state: 'ok', severity: 'low', text: '', at: 1 };

test('a listener that throws reaches neither the others nor the emitter', () => {
  const failures: string[] = [];
  const heard: number[] = [];
  const hub = new Hub((event, error) => failures.push(`${event}: ${String(error)}`));
  hub.on('fact', () => {
    throw new Error('broken');
  });
  hub.on('fact', ({ at }) => void heard.push(at));
  hub.emit('fact', fact);
  expect(heard).toEqual([1]);
  expect(failures).toEqual(['fact: Error: broken']);
});

test('a listener that fails later is reported, not unhandled', async () => {
  const failures: unknown[] = [];
  const hub = new Hub((_event, error) => failures.push(error));
  hub.on('fact', async () => {
    await Promise.resolve();
    throw new Error('late');
  });
  hub.emit('fact', fact);
  await expect.poll(() => failures.length).toBe(1);
});

test('a listener taken off hears nothing more', () => {
  const heard: number[] = [];
  const hub = new Hub(() => undefined);
  const off = hub.on('fact', ({ at }) => void heard.push(at));
  hub.emit('fact', fact);
  off();
  hub.emit('fact', { ...fact, at: 2 });
  expect(heard).toEqual([1]);
});

test('an event that nobody listens to is no error', () => {
  expect(() => new Hub(() => undefined).emit('fact', fact)).not.toThrow();
});
