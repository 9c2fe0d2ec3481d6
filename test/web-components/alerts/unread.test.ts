import { expect, test } from 'vitest';
import { isUnread } from '../../../web-components/alerts/unread.ts';
import { overAlert, playedAlert } from '../../helpers/played-alerts.ts';

const host = { id: '0190a000-0000-7000-8000-000000000101', name: 'nas01' };
const alert = playedAlert(1, host);

test('what fired after the person marked all as read is new', () => {
  expect(isUnread(alert, alert.firedAt - 1)).toBe(true);
  expect(isUnread(alert, alert.firedAt)).toBe(false);
});

test('who never marked anything is told of what is active, not of the past', () => {
  expect(isUnread(alert, undefined)).toBe(true);
  expect(isUnread(overAlert(1, host), undefined)).toBe(false);
  expect(isUnread(overAlert(1, host), 0)).toBe(true);
});

test('what nobody was told of is never new', () => {
  expect(isUnread(playedAlert(1, host, { isLate: true }), 0)).toBe(false);
  expect(isUnread(playedAlert(1, host, { coveredBy: 'cpu-high' }), 0)).toBe(false);
});
