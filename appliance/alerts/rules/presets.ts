import type { RuleFields } from '../../../protocol/alerts.ts';

/** A set of rules for a kind of machine, as data. */
export interface Preset {
  id: string;
  title: string;
  text: string;
  /** Built-in rules that take no part, because one of these has their place. */
  replaces: readonly string[];
  rules: readonly Omit<RuleFields, 'hosts'>[];
  /** Titles of the rules of which people are told by mail; the others are seen in the dashboard. */
  mail: readonly string[];
}

const MINUTE = 60_000;
const base = { isEnabled: true, attributes: [], share: 0.9, clearForMs: MINUTE };
const freeBelow = (share: number) => ({
  ...base,
  metric: 'system.filesystem.utilization',
  condition: { id: 'above', settings: { threshold: 1 - share, clear: 1 - share - 0.01 } },
  forMs: MINUTE,
});

/** ALR-2. Recording fills its disks by design, so that free space matters only near the end. */
const videoSurveillance: Preset = {
  id: 'video-surveillance',
  title: 'Video surveillance',
  text: 'For recorders, whose disks are nearly full by design: processor over 80 %, free disk below 10 %, 5 % and 2 %.',
  replaces: ['cpu-high', 'disk-used-warning', 'disk-used-critical', 'disk-forecast'],
  rules: [
    {
      ...base,
      title: 'Video: processor over 80 %',
      severity: 'medium',
      metric: 'system.cpu.utilization',
      condition: { id: 'above', settings: { threshold: 0.8, clear: 0.7 } },
      forMs: 5 * MINUTE,
      remedy: 'Frames may be lost: look at the number of streams and their resolution.',
    },
    { ...freeBelow(0.1), title: 'Video: less than 10 % of the disk free', severity: 'medium' },
    {
      ...freeBelow(0.05),
      title: 'Video: less than 5 % of the disk free',
      severity: 'high',
      remedy: 'Look whether old recordings are deleted as they should be.',
    },
    {
      ...freeBelow(0.02),
      title: 'Video: less than 2 % of the disk free',
      severity: 'critical',
      remedy: 'Recording stops when the disk is full: shorten how long recordings are kept.',
    },
  ],
  mail: ['Host is offline', 'Video: less than 5 % of the disk free'],
};

/** Every preset. */
export const presets: readonly Preset[] = [videoSurveillance];
