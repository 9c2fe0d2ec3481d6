import type { HistoryHead } from '../../protocol/routes/history.ts';
import { HISTORY_MEDIA_TYPE, readHistory } from '../../protocol/routes/history.ts';
import { Problem } from '../problem.ts';
import type { Call, Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import { Streamed } from '../streamed.ts';
import type { Answer } from './formats/answer.ts';
import { binaryAnswer } from './formats/binary.ts';
import { type Format, formatOf } from './formats/choose.ts';
import { csvPieces } from './formats/csv.ts';
import { isSmall, jsonOf, jsonPieces } from './formats/json.ts';
import { type History, type HistoryQuery, type HistoryResult, QueryLimitError } from './history.ts';
import { QueryQueue } from './query/queue.ts';
import { type Room, Rooms } from './query/room.ts';
import { parseSelectors, type Selector, SelectorError } from './query/selectors.ts';
import { Slices } from './slices.ts';

interface NamedHost {
  id: string;
  name: string;
}

export interface HistoryRouteParts {
  history: Pick<History, 'query'>;
  /** The host, if the session may see it; fails as if it were not there. */
  visible(session: Session, hostId: string): NamedHost;
  hostsOf(session: Session): readonly NamedHost[];
  /** UCUM, where the site knows the metric. */
  unitOf(siteId: string, metric: string): string | undefined;
  /** From the beginning of the query to the last byte that was handed over. */
  limitMs?: number;
  queue?: QueryQueue;
}

type HistoryCall = Call<typeof readHistory>;

const LONGEST_MS = 10 * 366 * 86_400_000;
const MOST_HOSTS = 1_000;
const LIMIT_MS = 30_000;
/** Each may hold an answer of some 30 MB; they share the slices of the one thread. */
const QUEUE = { atOnce: 3, mostWaiting: 50 };

/** The one route of history: hosts → query → JSON, CSV or numbers. */
export function serveHistory(routes: Routes, parts: HistoryRouteParts): void {
  const { history, limitMs = LIMIT_MS, queue = new QueryQueue(QUEUE) } = parts;
  const rooms = new Rooms(QUEUE.atOnce);
  routes.serve(readHistory, async (call) => {
    const format = call.query.format ?? formatOf(call.header('accept'));
    const hosts = hostsOf(call, parts);
    const query = queryOf(call, hosts, format);
    const { signal } = call;
    const leave = await queue.enter(call.session.id, signal);
    const timer = setTimeout(() => call.stop(tooLong(limitMs)), limitMs);
    // Well or not: a client that is gone and a query that took too long end both the query and the sending.
    const onSent = () => {
      clearTimeout(timer);
      leave();
    };
    try {
      const room = rooms.take();
      const result = await history.query({ ...query, signal, room });
      const answer = answerOf(result, { call, parts, hosts, slices: new Slices(signal) });
      const made = formed(answer, format, room);
      const onFree = () => rooms.give(room);
      // Only what is there already lies in the room itself; all else is done with it when the last piece is made, before it has left.
      const onMade = () => {
        onFree();
        leave();
      };
      const ends = Array.isArray(made.pieces) ? { onEnd: leave, onFree } : { onEnd: onMade };
      return new Streamed({ ...made, ...ends, signal, onSent });
    } catch (error) {
      onSent();
      throw asProblem(error);
    }
  });
}

const tooLong = (limitMs: number): Problem =>
  new Problem('too-long', `It was stopped after ${limitMs / 1_000} s: ask for less time, fewer hosts or metrics`);

function hostsOf({ query, session }: HistoryCall, { visible, hostsOf: all }: HistoryRouteParts): NamedHost[] {
  const ids = new Set(query.hosts?.split(',').map((id) => id.trim()));
  ids.delete('');
  if (query.hosts !== undefined && ids.size === 0) throw wrong('hosts', 'name a host, or leave this field out for all');
  const hosts = query.hosts === undefined ? all(session) : [...ids].map((id) => visible(session, id));
  if (hosts.length > MOST_HOSTS) throw wrong('hosts', `${hosts.length} hosts; name ${MOST_HOSTS} at most`);
  return hosts.map(({ id, name }) => ({ id, name }));
}

function queryOf({ query }: HistoryCall, hosts: readonly NamedHost[], format: Format): HistoryQuery {
  const { from, to, metrics, aggregate, values, resolution, maxPoints } = query;
  if (to <= from) throw wrong('to', 'lies before from');
  if (to - from > LONGEST_MS) throw wrong('from', 'ask for ten years at most');
  if (aggregate && values) throw wrong('values', 'leave it out: an aggregate has one value and the number of hosts');
  const selectors = metrics === undefined ? [] : selectorsOf(metrics);
  const optional = {
    ...(selectors.length > 0 && { selectors }),
    ...(aggregate && { aggregate }),
    ...(values && { values }),
  };
  return {
    hostIds: hosts.map(({ id }) => id),
    from,
    to,
    resolution,
    maxPoints,
    rounded: format !== 'binary',
    ...optional,
  };
}

function selectorsOf(text: string): Selector[] {
  try {
    return parseSelectors(text);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw wrong('metrics', `character ${error.position}: ${error.message}`);
  }
}

const wrong = (field: string, message: string): Problem =>
  new Problem('invalid-request', `query.${field}: ${message}`, [{ path: `query.${field}`, message }]);

const asProblem = (error: unknown): unknown =>
  error instanceof QueryLimitError ? wrong('metrics', `${error.message}: name fewer hosts or metrics`) : error;

interface Answering {
  call: HistoryCall;
  parts: HistoryRouteParts;
  hosts: readonly NamedHost[];
  slices: Slices;
}

function answerOf(result: HistoryResult, { call, parts, hosts, slices }: Answering): Answer {
  const names = new Map(hosts.map(({ id, name }) => [id, name]));
  const { aggregate } = call.query;
  const { from, to, first, stepMs, steps, resolution } = result;
  const head: HistoryHead = {
    ...{ from, to, first, stepMs, steps, resolution },
    ...(aggregate && { aggregate }),
    columns: [...result.columns],
    hosts: result.hosts.map(({ id, gaps, late, ...host }) => ({
      ...{ id, name: names.get(id) ?? '', ...host },
      ...{ gaps: [...gaps], late: [...late] },
    })),
    unmatched: [...result.unmatched],
  };
  const series = result.series.map(({ columns, ...own }) => {
    const unit = parts.unitOf(call.session.siteId, own.metric);
    return { head: { ...own, ...(unit !== undefined && { unit }) }, columns };
  });
  return { head, series, slices };
}

function formed(answer: Answer, format: Format, { text }: Room): Pick<Streamed, 'type' | 'pieces' | 'headers'> {
  if (format === 'json') {
    const pieces = isSmall(answer) ? ([jsonOf(answer, text)] as const) : jsonPieces(answer);
    return { type: 'application/json', pieces, headers: {} };
  }
  if (format === 'csv') {
    const headers = { 'content-disposition': 'attachment; filename="history.csv"' };
    return { type: 'text/csv; charset=utf-8; header=present', pieces: csvPieces(answer), headers };
  }
  const { bytes, pieces } = binaryAnswer(answer);
  return { type: HISTORY_MEDIA_TYPE, pieces, headers: { 'content-length': String(bytes) } };
}
