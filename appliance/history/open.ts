import type { HistoryEngine, HistoryRecord, StoreLog, Tier } from '../store/history-engine.ts';
import { Turns } from '../turns.ts';
import { Dictionary } from './dictionary.ts';
import { Forgotten } from './forgotten.ts';
import { LaneHead } from './head/lane-head.ts';
import type { History, HistoryStats, TierStats } from './history.ts';
import { Intake, waitOf } from './intake.ts';
import type { LaneState } from './lane-state.ts';
import { LANES } from './lanes.ts';
import { DEFAULT_LIMITS, type HistoryLimits } from './limits.ts';
import { tellFailures } from './log/failures.ts';
import { LaneLog } from './log/lane-log.ts';
import type { Pace } from './log/pace.ts';
import { CachedChunks } from './query/cached-chunks.ts';
import { HourChunks } from './query/hour-chunks.ts';
import { isPlain, queryHistory } from './query/query.ts';
import { relearnNames } from './relearn.ts';
import { Replay } from './replay.ts';
import { sealLane } from './seal.ts';
import { Skips } from './skips.ts';
import { bytesOf, spanOf } from './span.ts';
import { Streams } from './streams.ts';
import { Keeper } from './tiers/keeper.ts';
import { TIERS } from './tiers/tiers.ts';
import { openTransfer, type Transfer } from './transfer/transfer.ts';

export interface HistoryOptions {
  /** Where the bytes are; closed together with history. */
  engine: HistoryEngine;
  log: StoreLog;
  now: () => number;
  /** What may be kept and how it may be written, asked each time. */
  limits?: () => HistoryLimits;
  /** Whether a metric of a host keeps its last value in longer steps instead of a mean. */
  keepsLast?: (hostId: string, metric: string) => boolean;
  /** How often to look for periods that are over. */
  tickMs?: number;
  /** Upper bound of the wait of a group commit. */
  longestWaitMs?: number;
  /** The time by which group commits wait. */
  pace?: Pace;
}

/** `History` with two levers for tests and for the end of a day. */
export interface OpenedHistory extends History {
  /** Seals what is due, makes coarser tiers and drops what is too old; done by itself every `tickMs`. */
  tend(): Promise<void>;
  readonly transfer: Transfer;
  /** Runs work while no file of history is sealed, made, dropped or cleared; frames go on being committed. */
  still<T>(work: () => Promise<T>): Promise<T>;
}

/** Opens history: names and marks from records, open rows from the logs. It starts whatever is damaged; `stats` names it. */
export async function openHistory(options: HistoryOptions): Promise<OpenedHistory> {
  const state = await loadState(options);
  const { engine, log, now, limits = () => DEFAULT_LIMITS, tickMs = 30_000 } = options;
  const { dictionary, streams, skips, lanes, forgotten, damage } = state;
  const turns = new Turns();
  const intake = new Intake({
    lanes,
    streams,
    now,
    keepMs: () => limits().keepMs['1m'],
    isLowWear: () => limits().isLowWear,
    longestWaitMs: options.longestWaitMs ?? Infinity,
  });
  const parts = { engine, dictionary, saveRecords: () => save(state, engine) };
  const { keepsLast = () => false } = options;
  const hasOpenRows = (lane: string, span: { from: number; to: number }, through: number) =>
    lanes.some(({ head }) => head.lane.name === lane && head.hasRowsUpTo(through, span));
  const keeper = new Keeper({ engine, chunks: engine.chunks, dictionary, keepsLast, limits, hasOpenRows });
  const heads = lanes.map(({ head }) => head);
  const reading = { chunks: new CachedChunks(engine.chunks), heads, dictionary, skips, now };
  const byTheHour = { ...reading, chunks: new HourChunks(engine.chunks, reading.chunks) };

  setImmediate(packRest, heads);

  const tend = () =>
    turns.run(async () => {
      const at = now();
      for (const lane of lanes) await sealLane(lane, { ...parts, now: at });
      await keeper.tend(at);
    });
  const tendNow = () => void tend().catch((err) => log.error({ err }, 'History was not sealed'));
  const timer = setInterval(tendNow, tickMs).unref();

  return {
    declare: (hostId, series) => dictionary.declare(hostId, series),
    seriesOf: (hostId) => dictionary.list(hostId),
    highWaterMark: (stream) => streams.get(stream)?.mark ?? 0,
    durableMark: (stream) => streams.get(stream)?.durable ?? 0,
    holdOf: (intervalMs) => waitOf(intervalMs, limits().isLowWear),
    append: async (frames) => intake.append(frames),
    skip: async (skip) => intake.skip(skip),
    query: (query) => queryHistory(query, query.keepsHours && isPlain(query) ? byTheHour : reading),
    spanOf: (hostId) => spanOf(hostId, engine.chunks, heads),
    bytesOf: (hostId) => bytesOf(hostId, engine.chunks),
    forget: (hostId) =>
      turns.run(async () => {
        await forgotten.forget(hostId, { engine, lanes, dictionary, streams, skips });
        reading.chunks.clear();
        byTheHour.chunks.clear();
      }),
    stats: () => statsOf(engine, lanes, damage),
    tend,
    still: (work) => turns.run(work),
    transfer: openTransfer({ ...parts, now, turns, heads, damage: () => [...engine.damage, ...damage] }),
    async close() {
      clearInterval(timer);
      await turns.run(() => closeState(state, engine)).finally(() => engine.close());
    },
  };
}

function packRest(heads: readonly LaneHead[]): void {
  for (const head of heads) void head.catchUp();
}

async function closeState(state: State, engine: HistoryEngine): Promise<void> {
  await Promise.all(state.lanes.map((lane) => lane.log.close()));
  await save(state, engine);
}

interface State {
  dictionary: Dictionary;
  streams: Streams;
  skips: Skips;
  forgotten: Forgotten;
  lanes: LaneState[];
  damage: { file: string; reason: string }[];
}

async function loadState({ engine, log, now, pace }: HistoryOptions): Promise<State> {
  const dictionary = new Dictionary();
  const streams = new Streams();
  const skips = new Skips();
  const forgotten = new Forgotten();
  const damage: State['damage'] = [];
  const records = await engine.records.all();
  for (const record of records) loadRecord(record, { dictionary, streams, skips, forgotten });
  for (const hostId of forgotten.hosts()) dictionary.reserve(hostId, forgotten.lastIdOf(hostId));
  if (engine.damage.length > 0 || records.length === 0) await relearnNames(engine, dictionary, log);
  const state: State = { dictionary, streams, skips, forgotten, lanes: [], damage };
  for (const lane of LANES) {
    const last = Number(records.find(({ id }) => id === `lane/${lane.name}`)?.last ?? 0);
    state.lanes.push(await openLane(new LaneHead(lane), { state, engine, log, last, pace }));
  }
  await forgotten.finish({ engine, lanes: state.lanes, dictionary, streams, skips });
  log.info({ rows: state.lanes.reduce((sum, { head }) => sum + head.rows, 0), at: now() }, 'History is open');
  return state;
}

function loadRecord(record: HistoryRecord, to: Pick<State, 'dictionary' | 'streams' | 'skips' | 'forgotten'>): void {
  if (record.id.startsWith('series/')) to.dictionary.load(record);
  else if (record.id.startsWith('marks/')) to.streams.load(record);
  else if (record.id.startsWith('skips/')) to.skips.load(record);
  else if (record.id.startsWith('forgotten/')) to.forgotten.load(record);
}

interface LaneParts {
  state: State;
  engine: HistoryEngine;
  log: StoreLog;
  /** The last number that a record knows of. */
  last: number;
  pace: Pace | undefined;
}

async function openLane(head: LaneHead, { state, engine, log, last, pace }: LaneParts): Promise<LaneState> {
  const { dictionary, streams, skips, forgotten, damage } = state;
  const { name } = head.lane;
  const files = await engine.log(name);
  const replay = new Replay({
    head,
    dictionary,
    streams,
    skips,
    partitions: engine.chunks.partitions(),
    forgottenThrough: (hostId) => forgotten.through(hostId, name),
    onDamage: (reason) => void damage.push({ file: `log/${name}`, reason }),
    log,
  });
  head.hurry();
  for await (const { number, payload } of files.replay()) replay.take(number, payload);
  const failures = tellFailures(log, name);
  const laneLog = new LaneLog({
    log: files,
    next: Math.max(replay.last, last) + 1,
    onDurable: ({ frames, skips: lost }) => {
      failures.wrote();
      for (const { source, seq } of frames) streams.confirm(streams.of(source.hostId, source.stream), seq);
      for (const skip of lost) {
        skips.add(skip);
        streams.confirm(streams.of(skip.hostId, skip.stream), skip.toSeq);
      }
    },
    onFailure: failures.failed,
    ...(pace && { pace }),
  });
  return { head, log: laneLog };
}

async function save({ dictionary, streams, skips, lanes }: State, { records }: HistoryEngine): Promise<void> {
  const named = dictionary.unsaved();
  const marks = streams.unsaved();
  const lost = skips.unsaved();
  const last = lanes.map(({ head, log }) => ({ id: `lane/${head.lane.name}`, last: log.lastNumber }));
  await records.put([...named, ...marks, ...lost, ...last]);
  dictionary.saved(named);
  streams.saved(marks);
  skips.saved(lost);
}

function statsOf(engine: HistoryEngine, lanes: readonly LaneState[], damage: State['damage']): HistoryStats {
  const times = [engine.chunks.oldest('raw'), ...lanes.map(({ head }) => head.oldest)];
  const known = times.filter((at) => at !== undefined);
  return {
    bytes: engine.bytes(),
    tiers: TIERS.map((tier) => tierStatsOf(engine, tier)),
    partitions: engine.chunks.partitions().length,
    openFrames: lanes.reduce((sum, { head }) => sum + head.rows, 0),
    quarantined: [...engine.damage, ...damage],
    ...(known.length > 0 && { oldestAt: Math.min(...known) }),
  };
}

function tierStatsOf({ chunks }: HistoryEngine, tier: Tier): TierStats {
  const own = chunks.partitions().filter((each) => each.tier === tier);
  const bytes = own.reduce((sum, each) => sum + each.bytes, 0);
  const oldestAt = chunks.oldest(tier);
  return { tier, bytes, partitions: own.length, ...(oldestAt !== undefined && { oldestAt }) };
}
