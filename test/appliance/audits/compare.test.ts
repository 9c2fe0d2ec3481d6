import { expect, test } from 'vitest';
import { findingsBetween } from '../../../appliance/audits/compare.ts';
import type { Finding } from '../../../protocol/audits.ts';

const found = (checkId: string): Finding => ({
  ...{ checkId, title: checkId, severity: 'high', evidence: [], reason: '', remedy: '', points: 12 },
});
const audit = (findings: string[], unjudged: string[] = []) => ({
  findings: findings.map(found),
  unjudged: unjudged.map((checkId) => ({ checkId })),
});
const ids = (findings: readonly Finding[]): string[] => findings.map(({ checkId }) => checkId);

test('findings come, go and stay; what only one of the two audits could judge has done neither', () => {
  const before = audit(['firewall', 'clock', 'security-updates'], ['new-ports']);
  const after = audit(['firewall', 'new-ports', 'logging'], ['security-updates']);
  const { appeared, gone, stayed, judgedOnce } = findingsBetween(before, after);
  expect(ids(appeared)).toEqual(['logging']);
  expect(ids(gone)).toEqual(['clock']);
  expect(ids(stayed)).toEqual(['firewall']);
  expect(ids(judgedOnce)).toEqual(['new-ports', 'security-updates']);
});
