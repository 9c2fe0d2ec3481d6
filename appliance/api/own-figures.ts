import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { OwnFigures } from './metrics.ts';
import type { Family } from './prometheus.ts';

export interface OwnSources {
  version: string;
  tiers(): { tier: string; bytes: number }[];
  historyBudgetBytes(): number;
  damagedFiles(): number;
  connectedAgents(): number;
  dashboards(): number;
  frames(): number;
  trail(): { entries: number; waiting: number; lost: number };
}

const one = (name: string, help: string, value: number): Family => ({
  name,
  help,
  type: 'gauge',
  samples: [{ labels: {}, value }],
});
const counted = (name: string, help: string, value: number): Family => ({ ...one(name, help, value), type: 'counter' });

/** How late timers were since the last look, and for how long it has looked. */
export class LoopLag {
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#delay.enable();
  }

  /** Seconds; 99 of 100 were not later. */
  get p99(): number {
    return Math.max(0, (this.#delay.percentile(99) - 20e6) / 1e9);
  }

  stop(): void {
    this.#delay.disable();
  }
}

/** The process for everybody who may scrape; store, agents and queues tell of every site and are for owners. */
export function ownFigures(sources: OwnSources, lag: LoopLag): OwnFigures {
  return {
    common: () => {
      const { user, system } = process.cpuUsage();
      return [
        {
          name: 'reeve_build_info',
          help: 'Version of the appliance',
          type: 'gauge',
          samples: [{ labels: { version: sources.version }, value: 1 }],
        },
        counted('process_cpu_seconds_total', 'Processor time of the appliance', (user + system) / 1e6),
        one('process_resident_memory_bytes', 'Memory of the appliance', process.memoryUsage.rss()),
        one(
          'process_start_time_seconds',
          'When the appliance was started',
          Math.round(Date.now() / 1_000 - process.uptime()),
        ),
        one('reeve_event_loop_lag_seconds', 'How late timers of the appliance are, at most, 99 times of 100', lag.p99),
      ];
    },
    whole: () => {
      const trail = sources.trail();
      return [
        {
          name: 'reeve_history_size_bytes',
          help: 'What history takes on the disk, by tier',
          type: 'gauge',
          samples: sources.tiers().map(({ tier, bytes }) => ({ labels: { tier }, value: bytes })),
        },
        one('reeve_history_budget_bytes', 'What history may take on the disk', sources.historyBudgetBytes()),
        one('reeve_damaged_files', 'Files of the store that are damaged or lost', sources.damagedFiles()),
        one('reeve_connected_agents', 'Agents that are connected', sources.connectedAgents()),
        one('reeve_connected_dashboards', 'Dashboards that are connected', sources.dashboards()),
        counted('reeve_frames_received_total', 'Frames that agents sent since the start', sources.frames()),
        one('reeve_audit_trail_entries', 'Entries of the audit trail', trail.entries),
        one('reeve_audit_trail_waiting_entries', 'Entries of the audit trail that wait for the disk', trail.waiting),
        one(
          'reeve_audit_trail_lost_entries',
          'Entries of the audit trail that are lost and not yet accounted for',
          trail.lost,
        ),
      ];
    },
  };
}
