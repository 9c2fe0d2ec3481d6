import { join } from 'node:path';
import { openHistory } from '../../../../appliance/history/open.ts';
import { openDataDirectory } from '../../../../appliance/store/directory.ts';
import type { HistoryEngine } from '../../../../appliance/store/history-engine.ts';
import { openNedbHistory } from '../../../../appliance/store/nedb/history-engine.ts';
import { parseAddress } from '../../../../appliance/store/postgres/address.ts';
import { openDatabase } from '../../../../appliance/store/postgres/connect.ts';
import { openPostgresHistory } from '../../../../appliance/store/postgres/history-engine.ts';
import { AGENTS, type FromChild, START, STEP_MS, type ToChild } from './messages.ts';

const say = (message: FromChild) => process.send?.(message);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const hostOf = (agent: number) => `host-${agent}`;
const streamOf = (agent: number) => `agent-${agent}/stream`;

/** A history whose clock goes with its frames, one minute for each, so that periods are sealed all the time. */
async function main(dir: string, address?: string): Promise<void> {
  let newest = START;
  const now = () => newest;
  await openDataDirectory({ dir, log: silent });
  const engine = await openEngine(dir, address);
  const history = await openHistory({ engine, log: silent, now, tickMs: 30, longestWaitMs: 15 });
  const agents = Array.from({ length: AGENTS }, (_, agent) => agent);
  newest = Math.max(...agents.map((agent) => START + history.highWaterMark(streamOf(agent)) * STEP_MS));
  const layouts = agents.map((agent) => history.declare(hostOf(agent), [{ metric: 'n', attributes: {} }]));

  process.on('message', ({ agent, numbers }: ToChild) => {
    const stream = streamOf(agent);
    let next = history.highWaterMark(stream) + 1;
    const series = layouts[agent] ?? [];
    const frames = [];
    for (const n of numbers) {
      if (n !== next) continue;
      next += 1;
      const at = START + n * STEP_MS;
      newest = Math.max(newest, at);
      // Agents have different intervals, so that every lane is in use.
      const intervalMs = [1_000, 5_000, 60_000][agent % 3] ?? 5_000;
      frames.push({ hostId: hostOf(agent), stream, seq: n, at, offsetMs: 0, intervalMs, series, values: [n] });
    }
    history.append(frames).then(
      () => say({ agent, acked: history.durableMark(stream) }),
      (error) => say({ refused: String(error) }),
    );
  });
  say({ ready: agents.map((agent) => history.durableMark(streamOf(agent))) });
}

async function openEngine(dir: string, address?: string): Promise<HistoryEngine> {
  if (!address) return openNedbHistory({ dir: join(dir, 'history'), log: silent });
  const database = await openDatabase({ address: parseAddress(address), log: silent });
  return openPostgresHistory({ database, log: silent });
}

const [, , dir = '', address] = process.argv;
void main(dir, address).catch((error) => {
  say({ refused: error instanceof Error ? error.message : String(error) });
  process.exit(3);
});
