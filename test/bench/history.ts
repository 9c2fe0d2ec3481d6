// bench: a month of 50 hosts on disk, started and asked over HTTP, beside Prometheus and VictoriaMetrics with the same data
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { APPLIANCE_FLAGS } from '../../image/appliance-flags.mjs';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { signIn } from '../helpers/owner.ts';
import { type Program, startProgram } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { farthest, readReeve, reeveUrls, truthOf } from './history/answers.ts';
import { type Asked, type Cost, compareCosts, fetchBody, forgetConnections } from './history/ask.ts';
import { METRICS, type Month, monthOf, samplesOf } from './history/month.ts';
import { pace } from './history/pace.ts';
import { checkPeers, freePort, loadPeers, type Peer, prometheusIn, victoriaIn } from './history/peers.ts';
import { peerUrls, type Question, questionsFor, readPeer } from './history/questions.ts';
import { loadReeve, openReeve, prepareReeve, startAt } from './history/reeve.ts';
import { cpuSeconds, median, ownCpuMs, residentMiB } from './measure.ts';

/** Medians of 21 differed by a fifth from run to run. */
const ROUNDS = 61;
const OPENINGS = 9;
const TEN_MINUTES = 600_000;
const HOUR = 3_600_000;
/** Reeve answers in seven digits, and its tiers keep an average with one decimal more than the values have; the peers in a double. */
const OWN_TOLERANCE = { share: 1e-6, grain: 0 };
const TIER_TOLERANCE = { share: 1e-6, grain: 0.0501 };
const PEER_TOLERANCE = { share: 1e-9, grain: 0 };

const bytesBelow = (dir: string): number =>
  readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

/** A running server, with what it took until it was ready. */
interface Server extends Asked {
  name: string;
  url: string;
  cpuMs: number;
  wallMs: number;
  startMiB: number;
  stop(): Promise<void>;
}

interface Stage {
  dir: string;
  month: Month;
  isQuick: boolean;
  peers: Peer[];
}

async function startReeve(dataDir: string, now: number): Promise<Server> {
  const before = performance.now();
  const appliance = await startAt(dataDir, now);
  const server = serverOf(appliance, { name: 'Reeve', url: appliance.httpUrl, before, headers: {} });
  // After it was measured: checking the password takes memory, and by design time.
  const { cookie } = await signIn(appliance);
  return { ...server, headers: { cookie } };
}

async function startPeer(peer: Peer): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const before = performance.now();
  const program = peer.start(port);
  await until(async () => (await fetch(url + peer.readyPath)).ok, { timeoutMs: 60_000, what: `${peer.name} is ready` });
  return serverOf(program, { name: peer.name, url, before, headers: {} });
}

function serverOf(
  { pid, stop }: Pick<Program, 'pid' | 'stop'>,
  { before, ...rest }: { name: string; url: string; before: number; headers: Record<string, string> },
): Server {
  const wallMs = performance.now() - before;
  return { ...rest, pid, stop, wallMs, cpuMs: cpuSeconds(pid) * 1_000, startMiB: residentMiB(pid).now };
}

/** Gives everybody the same data; meanwhile says what taking it cost Reeve. */
async function* load({ dir, month, peers }: Stage): AsyncGenerator<Figure> {
  const [prometheus, victoria] = peers;
  const text = join(dir, 'month.txt');
  const making = prometheus && victoria && (await loadPeers(month, { text, prometheus, victoria }));
  const { tendMs } = await loadReeve(join(dir, 'reeve'), month);
  const note = 'CPU of everything that tending does: sealing, tiers, folding';
  yield { name: 'sealing', value: (tendMs * 1e6) / samplesOf(month), unit: 'ns/sample', atMost: 800, note };
  if (making && (await making.ended(TEN_MINUTES)) !== 0) throw new Error(`promtool failed: ${making.output()}`);
  removeDirectory(text);
}

async function* disk({ dir, month, peers }: Stage): AsyncGenerator<Figure> {
  const samples = samplesOf(month);
  const own = bytesBelow(join(dir, 'reeve')) / samples;
  const others = peers.map((peer) => ({ name: peer.name, value: bytesBelow(peer.dir) / samples }));
  const prometheus = others.find(({ name }) => name === 'Prometheus')?.value ?? Number.POSITIVE_INFINITY;
  const { machines, rows } = month;
  const note = `${machines} hosts × ${METRICS.length} series × 60 s × ${rows / 1_440} d; the whole data directory`;
  yield { name: 'disk', value: own, unit: 'bytes/sample', atMost: Math.min(1.1, prometheus), aim: 0.85, note };
  for (const { name, value } of others) yield { name: `disk: ${name}`, value, unit: 'bytes/sample' };
}

/** For a process of its own: opens the history of a data directory, says what CPU ms that took and ends. */
export async function openAlone(dataDir: string, now: number): Promise<void> {
  const opening = await ownCpuMs(() => openReeve(dataDir, { now }));
  process.stdout.write(`opened: ${opening}\n`, () => process.exit());
}

/** CPU ms of opening the history in a new process that has nothing else to do, on a copy. */
async function openCopy(dir: string, now: number): Promise<number> {
  const copy = join(dir, 'copy');
  cpSync(join(dir, 'reeve'), copy, { recursive: true });
  const script = `const { openAlone } = await import(${JSON.stringify(import.meta.url)}); await openAlone(${JSON.stringify(copy)}, ${now});`;
  const child = startProgram([process.execPath, ...APPLIANCE_FLAGS, '--input-type=module', '--eval', script]);
  if ((await child.ended(60_000)) !== 0) throw new Error(`history was not opened: ${child.output()}`);
  removeDirectory(copy);
  return Number(/opened: ([\d.]+)/.exec(child.output())?.[1]);
}

async function* starts(stage: Stage): AsyncGenerator<Figure, Server[]> {
  const { dir, month, peers } = stage;
  const openings: number[] = [];
  for (let n = 0; n < OPENINGS; n++) openings.push(await openCopy(dir, month.to));
  const open = `history alone, half a day in the log; median of ${OPENINGS} new processes, ${openings
    .map(Math.round)
    .sort((a, b) => a - b)
    .join(', ')}`;
  yield { name: 'start to ready, history', value: median(openings), unit: 'ms CPU', atMost: 400, note: open };
  const servers = [await startReeve(join(dir, 'reeve'), month.to)];
  for (const peer of peers) servers.push(await startPeer(peer));
  for (const { name, cpuMs, wallMs } of servers) {
    const note = `whole program; wall ${Math.round(wallMs)} ms`;
    yield { name: `start to ready, ${name}`, value: cpuMs, unit: 'ms CPU', note };
  }
  return servers;
}

const urlsFor = ({ name, url }: Server, question: Question, { month, isExact }: { month: Month; isExact: boolean }) =>
  name === 'Reeve' ? reeveUrls(url, question, month) : peerUrls(url, question, { month, peer: name, isExact });

/** The same question to all, first checked and then timed: a fast wrong answer is no answer. */
async function* ask(question: Question, servers: readonly Server[], month: Month): AsyncGenerator<Figure> {
  const truth = truthOf(question, month);
  forgetConnections();
  for (const server of servers) {
    const urls = urlsFor(server, question, { month, isExact: true });
    const isReeve = server.name === 'Reeve';
    const answer = isReeve
      ? await readReeve(urls, server)
      : readPeer(await Promise.all(urls.map((url) => fetchBody(url, server))), question);
    const tolerance = !isReeve ? PEER_TOLERANCE : question.stepMs < HOUR ? OWN_TOLERANCE : TIER_TOLERANCE;
    const off = farthest(answer, truth, tolerance);
    if (off > 1) throw new Error(`${server.name} is off by ${off} × ${JSON.stringify(tolerance)}: ${question.title}`);
  }
  const questions = servers.map(
    (server) => [server.name, { asked: server, urls: urlsFor(server, question, { month, isExact: false }) }] as const,
  );
  yield* figuresOf(question, await compareCosts(new Map(questions), ROUNDS));
}

function* figuresOf({ title, gate }: Question, costs: ReadonlyMap<string, Cost>): Generator<Figure> {
  for (const [name, { wall, cpu, first, bytes }] of costs) {
    const limit = name === 'Reeve' && gate ? (costs.get(gate.peer)?.wall ?? Number.NaN) * gate.times : Number.NaN;
    const note = `${cpu.toFixed(1)} ms CPU, first ${first.toFixed(1)} ms, ${Math.round(bytes / 1_000)} KB`;
    const beside = Number.isNaN(limit) ? '' : `; gate ${gate?.times} × ${gate?.peer}`;
    yield {
      name: `${title}: ${name}`,
      value: wall,
      unit: 'ms',
      note: note + beside,
      ...(!Number.isNaN(limit) && { atMost: Number(limit.toPrecision(3)) }),
    };
  }
}

function* memory(servers: readonly Server[]): Generator<Figure> {
  for (const { name, pid, startMiB } of servers) {
    const { now, peak } = residentMiB(pid);
    const note = `${Math.round(startMiB)} when it was ready, ${Math.round(peak)} at most`;
    const limits = name === 'Reeve' ? { atMost: 150, aim: 110 } : {};
    yield { name: `memory after the questions: ${name}`, value: now, unit: 'MiB', note, ...limits };
  }
}

async function* month(stage: Stage): AsyncGenerator<Figure> {
  yield* load(stage);
  yield* disk(stage);
  const servers = yield* starts(stage);
  try {
    for (const question of questionsFor(stage.month)) yield* ask(question, servers, stage.month);
    yield* memory(servers);
  } finally {
    for (const server of servers) await server.stop();
  }
}

export async function* figures({ isQuick }: BenchOptions): AsyncGenerator<Figure> {
  if (!isQuick) checkPeers();
  const dir = makeDirectory('reeve-bench-');
  try {
    yield* pace(join(dir, 'pace'), isQuick);
    const seeded = isQuick ? monthOf(5, 3) : monthOf(50, 30);
    const places = ['prometheus', 'victoria'].map((name) => join(dir, name));
    for (const place of places) mkdirSync(place);
    const peers = isQuick ? [] : [prometheusIn(places[0] ?? ''), victoriaIn(places[1] ?? '')];
    await prepareReeve(join(dir, 'reeve'), seeded);
    yield* month({ dir, month: seeded, isQuick, peers });
  } finally {
    removeDirectory(dir);
  }
}
