import type { RuleFields } from '../../../protocol/alerts.ts';

/** A rule that comes with Reeve; a site stores only what it changes of it. */
export interface BuiltInRule extends RuleFields {
  id: string;
  /** While an alert of that rule is open on the same series, one of this rule is not told. */
  coveredBy?: string;
}

const MINUTE = 60_000;
const everywhere = { tags: [], hostIds: [], exceptTags: [] };
const base = { isEnabled: true, attributes: [], hosts: everywhere, forMs: 0, share: 0.9, clearForMs: 0 };
const above = (threshold: number, clear: number) => ({ id: 'above', settings: { threshold, clear } });
const found = (...kinds: string[]) => ({ id: 'fact', settings: { kinds } });

/** The rules of ALR-2 whose data there is. One whose source comes later is a line here when it does; until then `found-wrong` has it. */
export const builtInRules: readonly BuiltInRule[] = [
  {
    ...base,
    id: 'host-offline',
    title: 'Host is offline',
    severity: 'critical',
    condition: { id: 'absent', settings: { afterMs: 180_000 } },
    remedy: 'Look whether the machine has power and network, and whether the agent runs on it.',
  },
  {
    ...base,
    id: 'disk-used-critical',
    title: 'Disk is nearly full',
    severity: 'critical',
    metric: 'system.filesystem.utilization',
    condition: above(0.9, 0.88),
    forMs: MINUTE,
    clearForMs: MINUTE,
    remedy: 'Delete or move what is not needed, or make the file system larger.',
  },
  {
    ...base,
    id: 'disk-used-warning',
    title: 'Disk fills up',
    severity: 'medium',
    metric: 'system.filesystem.utilization',
    condition: above(0.8, 0.78),
    forMs: MINUTE,
    clearForMs: MINUTE,
    coveredBy: 'disk-used-critical',
    remedy: 'Look what grew last, and delete what is not needed.',
  },
  {
    ...base,
    id: 'disk-forecast',
    title: 'Disk will be full soon',
    severity: 'medium',
    metric: 'system.filesystem.utilization',
    condition: { id: 'forecast', settings: { limit: 1, withinDays: 7, lookBackDays: 7 } },
    coveredBy: 'disk-used-critical',
    remedy: 'Make room before it is full: find out what grows.',
  },
  {
    ...base,
    id: 'inodes-used',
    title: 'File system runs out of inodes',
    severity: 'high',
    metric: 'system.filesystem.inodes.utilization',
    condition: above(0.9, 0.88),
    forMs: MINUTE,
    clearForMs: MINUTE,
    remedy: 'Delete many small files, as old sessions, caches or mails.',
  },
  {
    ...base,
    id: 'filesystem-hung',
    title: 'File system does not answer',
    severity: 'high',
    metric: 'system.filesystem.hung',
    condition: { id: 'equals', settings: { value: 1 } },
    forMs: MINUTE,
    remedy: 'Look at the disk or at the server that holds the share.',
  },
  {
    ...base,
    id: 'memory-high',
    title: 'Memory is nearly used up',
    severity: 'medium',
    metric: 'system.memory.utilization',
    condition: above(0.85, 0.8),
    forMs: 5 * MINUTE,
    clearForMs: MINUTE,
    remedy: 'Look which process grew, and restart it or add memory.',
  },
  {
    ...base,
    id: 'memory-forecast',
    title: 'Memory will be used up soon',
    severity: 'low',
    metric: 'system.memory.utilization',
    condition: { id: 'forecast', settings: { limit: 1, withinDays: 3, lookBackDays: 7 } },
    coveredBy: 'memory-high',
    remedy: 'A process that only grows leaks memory: find it, and restart it at a quiet time.',
  },
  {
    ...base,
    id: 'cpu-high',
    title: 'Processor is busy',
    severity: 'medium',
    metric: 'system.cpu.utilization',
    condition: above(0.9, 0.8),
    forMs: 5 * MINUTE,
    clearForMs: MINUTE,
    remedy: 'Look which process uses the time.',
  },
  {
    ...base,
    id: 'temperature-high',
    title: 'Too hot',
    severity: 'high',
    metric: 'hw.temperature',
    condition: above(85, 80),
    forMs: 5 * MINUTE,
    clearForMs: 2 * MINUTE,
    remedy: 'Look at fans, dust and the air around the machine.',
  },
  {
    ...base,
    id: 'clock-skew',
    title: 'Clock is wrong',
    severity: 'medium',
    metric: 'reeve.agent.clock.offset',
    condition: { id: 'outside', settings: { from: -60, to: 60, margin: 10 } },
    forMs: 5 * MINUTE,
    clearForMs: MINUTE,
    remedy: 'Switch time synchronisation on (timedatectl set-ntp true).',
  },
  {
    ...base,
    id: 'agent-old',
    title: 'Agent is older than the appliance',
    severity: 'low',
    condition: found('agent-version'),
    remedy: 'Update the agent on the host.',
  },
  {
    ...base,
    id: 'job-failed',
    title: 'A job of the appliance failed',
    severity: 'medium',
    condition: found('job'),
    remedy: 'Look at the run of the job, mend what it names and run it again.',
  },
  {
    ...base,
    id: 'store-damaged',
    title: 'Stored data is damaged',
    severity: 'critical',
    condition: found('store'),
    remedy: 'Look at the health page for the file, check the disk, and restore it from a backup.',
  },
  {
    ...base,
    id: 'appliance-health',
    title: 'A part of Reeve does not work as it should',
    severity: 'medium',
    condition: found('health'),
    // A clock that is not set yet, or one write that failed, is nothing to be told of.
    forMs: 5 * MINUTE,
    remedy: 'The text says what to do.',
  },
  {
    ...base,
    id: 'found-wrong',
    title: 'Something is wrong',
    severity: 'medium',
    condition: found(),
  },
];
