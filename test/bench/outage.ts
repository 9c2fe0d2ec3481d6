// bench: 50 agents come back after the appliance was away for two hours, each with a frame for every 5 s of them.
import { liveThroughOutage } from '../helpers/outage.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { quantile } from './measure.ts';

const INTERVAL_S = 5;

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const [agents, frames] = isQuick ? [10, 240] : [50, (2 * 3600) / INTERVAL_S];
  const { backMs, latencies, stored } = await liveThroughOutage({ agents, frames, awayMs: isQuick ? 5_000 : 65_000 });
  const missing = stored.reduce((sum, count) => sum + frames - count, 0);
  yield {
    name: 'everything is back',
    value: backMs / 1_000,
    unit: 's',
    atMost: 60,
    note: `${agents} agents × ${frames} frames × 40 values on disk, from the start of the appliance to the last acknowledgement; agents on the same two cores`,
  };
  yield { name: 'frames that history does not have', value: missing, unit: 'frames', atMost: 0 };
  const how = `from reading to the dashboard, ${latencies.length} frames read while the backlogs were delivered`;
  yield { name: 'frame of now, median', value: quantile(latencies, 0.5), unit: 'ms', note: how };
  yield { name: 'frame of now, p99', value: quantile(latencies, 0.99), unit: 'ms' };
  yield { name: 'frame of now, longest', value: Math.max(...latencies), unit: 'ms', atMost: 1_000 };
}
