import { expect, test } from 'vitest';
import type { HistoryStorage } from '../../../appliance/system/history-storage.ts';
import { healthParts } from '../../../appliance/system/parts.ts';

function historyPart(storage: Partial<HistoryStorage>) {
  const whole: HistoryStorage = {
    tiers: [],
    bytes: 0,
    budgetBytes: 100e6,
    lowWear: { isOn: false, reason: '' },
    damaged: [],
    ...storage,
  };
  const parts = healthParts({
    store: { place: '/data', trouble: () => undefined },
    quarantined: () => [],
    historyStorage: () => whole,
    clockState: () => ({ trust: 'trusted', reason: '' }) as never,
    connectedAgents: () => 0,
    auditTrail: () => ({ status: 'ok', detail: '' }),
    jobs: () => [],
    isOnLan: () => false,
    heardAgents: () => 0,
    image: () => undefined,
  });
  return parts.find(({ name }) => name === 'history')?.check();
}

test('history warns from 80 % of its budget, before anything goes, and says the cure', () => {
  expect(historyPart({ bytes: 79e6 })).toEqual({ status: 'ok', detail: '79 MB of 100 MB used' });
  const warned = historyPart({ bytes: 80e6 });
  expect(warned?.status).toBe('degraded');
  expect(warned?.detail).toContain('Give history more disk');
});

test('damage of history is named before its size', () => {
  const part = historyPart({ bytes: 99e6, damaged: [{ file: 'raw/x.db', reason: 'the file is missing' }] });
  expect(part).toEqual({ status: 'degraded', detail: 'damaged or lost: raw/x.db (the file is missing)' });
});
