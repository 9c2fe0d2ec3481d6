import { describe, expect, test } from 'vitest';
import { type FactEvent, Hub } from '../../../appliance/hub.ts';
import { Finder } from '../../../appliance/system/found.ts';
import type { PartState } from '../../../appliance/system/health.ts';
import { isOlder } from '../../../appliance/version-order.ts';
import { hostId, SITE, someHost } from '../../helpers/watched.ts';

function finder(state: PartState, { name = 'store', agentVersion = '1.2.0' } = {}) {
  const facts: FactEvent[] = [];
  const hub = new Hub((_event, error) => {
    throw error;
  });
  hub.on('fact', (fact) => void facts.push(fact));
  const part = { name, check: () => state };
  const made = new Finder({
    hub,
    now: () => 1_760_000_000_000,
    parts: [part],
    hosts: () => [someHost(1, { agentVersion })],
    version: '1.10.0',
  });
  const look = (): string[] => {
    facts.length = 0;
    made.look();
    return facts.map(({ kind, key, state: is, severity }) => `${kind} ${key} ${is} ${severity}`);
  };
  return { look, facts, set: (next: PartState) => Object.assign(state, next) };
}

describe('what the appliance finds', () => {
  test('is told when it changes, and only then', () => {
    const { look, set } = finder({ status: 'ok', detail: 'every file is in order' });
    expect(look()).toEqual(['store store ok critical', 'health store ok medium', 'agent-version agent wrong low']);
    expect(look()).toEqual([]);
    set({ status: 'degraded', detail: 'damaged or lost: hosts.db (checksum)' });
    expect(look()).toEqual(['store store wrong critical']);
    set({ status: 'ok', detail: 'every file is in order' });
    expect(look()).toEqual(['store store ok critical']);
  });

  test('damage is one thing, and how a part goes another', () => {
    const { look, set } = finder({ status: 'degraded', detail: '90 MB of 100 MB used' }, { name: 'history' });
    expect(look().slice(0, 2)).toEqual(['store history ok critical', 'health history wrong medium']);
    set({ status: 'degraded', detail: 'damaged or lost: 2026-01.db (cut)' });
    expect(look()).toEqual(['store history wrong critical', 'health history ok medium']);
  });

  test('a part that fails is critical, and the text is told again when it changes', () => {
    const { look, facts, set } = finder({ status: 'failed', detail: 'disk full' }, { name: 'audit trail' });
    expect(look()[0]).toBe('health audit trail wrong critical');
    set({ status: 'failed', detail: 'disk gone' });
    look();
    expect(facts[0]?.text).toBe('Reeve’s own audit trail: disk gone');
  });

  test('a failed job is not told a second time', () => {
    const { look } = finder({ status: 'degraded', detail: 'failed: Backup: disk full' }, { name: 'jobs' });
    expect(look()).toEqual(['agent-version agent wrong low']);
  });

  test('an agent that was updated is no longer old', () => {
    const { look, facts } = finder({ status: 'ok', detail: '' }, { agentVersion: '1.10.0' });
    expect(look().at(-1)).toBe('agent-version agent ok low');
    expect(facts.at(-1)).toMatchObject({ hostId: hostId(1), siteId: SITE });
  });
});

test('versions are compared number by number', () => {
  expect(isOlder('1.9.9', '1.10.0')).toBe(true);
  expect(isOlder('1.10.0', '1.10.0')).toBe(false);
  expect(isOlder('2.0.0', '1.10.0')).toBe(false);
  expect(isOlder('dev', '1.10.0')).toBe(false);
});
