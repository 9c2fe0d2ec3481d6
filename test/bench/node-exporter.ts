import { existsSync } from 'node:fs';
import { freePort } from '../helpers/ports.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

const PROGRAM = '/usr/bin/prometheus-node-exporter';
/** What an agent of ours reads, and nothing else. */
const COLLECTORS = ['cpu', 'meminfo', 'diskstats', 'filesystem', 'netdev', 'loadavg', 'stat', 'uname', 'time'];

export interface Exporter extends Program {
  /** Asks for all values, as Prometheus does. */
  scrape(): Promise<void>;
}

/** Starts Debian's prometheus-node-exporter on a free port, with what an agent of ours reads or with all that it reads by itself. */
export async function startExporter(which: 'minimal' | 'default' = 'minimal'): Promise<Exporter> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: apt-get install prometheus-node-exporter`);
  const address = `127.0.0.1:${await freePort()}`;
  const program = startProgram([
    PROGRAM,
    `--web.listen-address=${address}`,
    '--web.disable-exporter-metrics',
    ...(which === 'minimal'
      ? ['--collector.disable-defaults', ...COLLECTORS.map((name) => `--collector.${name}`)]
      : []),
  ]);
  const scrape = async (): Promise<void> => {
    const answer = await fetch(`http://${address}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
    if (!(await answer.text()).includes('node_load1')) throw new Error(`node_exporter answered ${answer.status}`);
  };
  await until(
    () =>
      scrape().then(
        () => true,
        () => false,
      ),
    { what: 'node_exporter answers' },
  );
  return { ...program, scrape };
}
