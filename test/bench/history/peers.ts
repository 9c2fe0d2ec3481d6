import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Program, startProgram } from '../../helpers/program.ts';
import { until } from '../../helpers/until.ts';
import { columnsOf, METRICS, type Month, STEP_MS } from './month.ts';

/** A store that answers PromQL over HTTP, as Debian packages it. */
export interface Peer {
  readonly name: 'Prometheus' | 'VictoriaMetrics';
  /** Where its files are. */
  readonly dir: string;
  /** Starts it at `port` of 127.0.0.1; not yet ready. */
  start(port: number): Program;
  readonly readyPath: string;
}

/** Names as PromQL has them. */
export const promName = (metric: string): string => metric.replaceAll('.', '_');
export const promHost = (machine: number): string => `h${machine.toString().padStart(2, '0')}`;

/** Fails with what to install when a peer is not there. */
export function checkPeers(): void {
  const missing = ['prometheus', 'promtool', 'victoria-metrics'].filter(
    (program) => spawnSync('which', [program]).status !== 0,
  );
  if (missing.length === 0) return;
  throw new Error(
    `This benchmark measures beside ${missing.join(', ')}: apt-get install --no-install-recommends prometheus ` +
      'victoria-metrics (their services are not needed and may be off), or run it with --quick, without them.',
  );
}

export function prometheusIn(dir: string): Peer {
  const config = join(dir, 'empty.yml');
  const blocks = join(dir, 'blocks');
  mkdirSync(blocks, { recursive: true });
  writeFileSync(config, '');
  const flags = ['--storage.tsdb.retention.time=100y', '--log.level=error', `--storage.tsdb.path=${blocks}`];
  const start = (port: number) =>
    startProgram(['prometheus', `--config.file=${config}`, ...flags, `--web.listen-address=127.0.0.1:${port}`]);
  return { name: 'Prometheus', dir: blocks, start, readyPath: '/-/ready' };
}

export function victoriaIn(dir: string): Peer {
  const data = join(dir, 'data');
  const flags = ['-retentionPeriod=100y', '-loggerLevel=ERROR', `-storageDataPath=${data}`];
  const start = (port: number) => startProgram(['victoria-metrics', ...flags, `-httpListenAddr=127.0.0.1:${port}`]);
  return { name: 'VictoriaMetrics', dir: data, start, readyPath: '/health' };
}

/** A port of the loopback that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/**
 * Gives both peers the month: VictoriaMetrics takes it while it runs, for Prometheus a text of about 2 GB is written to `text`,
 * and promtool, which is started here and makes blocks of it, is given back.
 */
export async function loadPeers(
  month: Month,
  { text, prometheus, victoria }: { text: string; prometheus: Peer; victoria: Peer },
): Promise<Program> {
  const port = await freePort();
  const server = victoria.start(port);
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(url + victoria.readyPath)).ok, { what: 'VictoriaMetrics answers' });
  const seconds = Array.from({ length: month.rows }, (_, row) => String((month.from + row * STEP_MS) / 1_000));
  const milliseconds = seconds.map((second) => `${second}000`).join(',');
  const file = createWriteStream(text);
  let imported: Promise<unknown> = Promise.resolve();
  for (let machine = 0; machine < month.machines; machine++) {
    const columns = columnsOf(machine, month);
    await imported;
    imported = importInto(url, victoriaLines(machine, columns, milliseconds));
    for (const [at, column] of columns.entries()) {
      if (!file.write(prometheusLines(machine, at, { column, seconds }))) await once(file, 'drain');
    }
  }
  await imported;
  file.end('# EOF\n');
  await once(file, 'finish');
  await server.stop();
  // Blocks of 162 h are what Prometheus itself merges to when it keeps data for months.
  return startProgram([
    'promtool',
    'tsdb',
    'create-blocks-from',
    '--max-block-duration=162h',
    'openmetrics',
    '-q',
    text,
    prometheus.dir,
  ]);
}

const labelsOf = (machine: number): string => `{host="${promHost(machine)}"}`;

function prometheusLines(
  machine: number,
  at: number,
  { column, seconds }: { column: Float64Array; seconds: readonly string[] },
): string {
  const start = `${promName(METRICS[at] ?? '')}${labelsOf(machine)} `;
  let lines = '';
  for (const [row, value] of column.entries()) lines += `${start}${value} ${seconds[row]}\n`;
  return lines;
}

function victoriaLines(machine: number, columns: readonly Float64Array[], milliseconds: string): string {
  const lines = columns.map((column, at) => {
    const metric = JSON.stringify({ __name__: promName(METRICS[at] ?? ''), host: promHost(machine) });
    return `{"metric":${metric},"values":[${column.join(',')}],"timestamps":[${milliseconds}]}\n`;
  });
  return lines.join('');
}

async function importInto(url: string, body: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/import`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`VictoriaMetrics refused the data: ${answer.status} ${await answer.text()}`);
}
