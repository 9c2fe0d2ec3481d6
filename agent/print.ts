import { setTimeout as pause } from 'node:timers/promises';
import { INTERVAL_MS } from '../protocol/limits.ts';
import { collectors } from './collectors/index.ts';
import { openAgentLog } from './log.ts';
import type { AgentOptions } from './options.ts';
import { readOwnFile } from './own-file.ts';
import { Sampler } from './sampler.ts';
import { SeriesTable } from './series.ts';
import { seriesText, valueText } from './words.ts';

/** Shows what is read, one block each interval, until the process ends or the reader goes away. Nothing is sent anywhere. */
export async function print({ intervalMs = INTERVAL_MS.default, logLevel, ownFile }: AgentOptions): Promise<void> {
  const series = new SeriesTable(collectors.flatMap(({ descriptors }) => descriptors));
  const sampler = new Sampler({
    collectors,
    series,
    platform: process.platform,
    settings: readOwnFile(ownFile, collectors).collectors,
    log: openAgentLog(logLevel),
  });
  const read = () => sampler.sample({ at: Date.now(), mono: performance.now() });
  process.stdout.on('error', () => process.exit(0));
  await read();
  for (;;) {
    await pause(intervalMs);
    const values = await read();
    const all = series.since(0);
    const lines = [`--- ${new Date().toISOString()}, ${values.length / 2} values`];
    for (let i = 0; i < values.length; i += 2) {
      const one = all[values[i] ?? -1];
      const [descriptor] = one ? series.describe([one]) : [];
      if (one && descriptor)
        lines.push(`${seriesText(one).padEnd(72)} ${valueText(values[i + 1] ?? null, descriptor)}`);
    }
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}
