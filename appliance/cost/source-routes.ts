import { z } from 'zod';
import type { Host } from '../../protocol/hosts.ts';
import {
  calibrate,
  chooseSource,
  forgetSource,
  listSourceKinds,
  type PowerSourceView,
  readSource,
  testSource,
} from '../../protocol/routes/power-sources.ts';
import { Problem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Routes } from '../serve.ts';
import { mayDo, type Session } from '../session.ts';
import { MINUTE_MS, SECOND_MS } from '../spans.ts';
import type { Cost } from './cost.ts';
import { calibratedOf, type ReadDoings } from './doings.ts';
import { type MeterReading, type OpenedSource, SourceError } from './source.ts';

export interface SourceRouteParts {
  cost: Cost;
  now: () => number;
  read: ReadDoings;
  visible(session: Session, hostId: string): Host;
}

const TESTS_A_MINUTE = 10;
const TEST_MS = 12 * SECOND_MS;

function viewOf({ sources, power }: Cost, host: Host): PowerSourceView {
  const found = sources.view(host.id);
  const head = { now: power.now(host.id), problems: found?.problems ?? [] };
  if (!found) return { ...head, rev: 0, value: {} };
  const { rev, kind, value, standbyWatts, calibration } = found;
  return {
    ...{ ...head, rev, kind, value },
    ...(standbyWatts !== undefined && { standbyWatts }),
    ...(calibration && { calibration }),
  };
}

/** The source of a host became another one. */
function tell(cost: Cost, host: Host): void {
  cost.power.changed(host.id);
  cost.changed(host.siteId);
}

export function serveSources(routes: Routes, parts: SourceRouteParts): void {
  const { cost, visible, now } = parts;
  const { sources, power, plugins } = cost;
  const tests = new RateLimit(TESTS_A_MINUTE, MINUTE_MS);
  /** Another site's host may not stand behind a source. */
  const checkHost = (session: Session, value: Record<string, unknown>): void => {
    if (typeof value.host === 'string') visible(session, value.host);
  };
  routes.serve(listSourceKinds, () => ({
    items: plugins.map(({ id, title, hint, confidence, settings }) => ({
      ...{ id, title, hint, confidence },
      form: z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown>,
    })),
  }));
  routes.serve(readSource, ({ session, params }) => viewOf(cost, visible(session, params.hostId)));
  routes.serve(chooseSource, async ({ session, params, body, note }) => {
    const host = visible(session, params.hostId);
    checkHost(session, body.value);
    const before = viewOf(cost, host);
    const { rev, kind, value: given, standbyWatts } = body;
    await sources.choose(host, { rev, kind, given, standbyWatts, mayRefer: mayDo(session, 'owner') });
    tell(cost, host);
    const after = viewOf(cost, host);
    note({ before: { kind: before.kind, value: before.value }, after: { kind, value: after.value } });
    return after;
  });
  routes.serve(forgetSource, async ({ session, params, note }) => {
    const host = visible(session, params.hostId);
    const { kind, value } = viewOf(cost, host);
    await sources.forget(host.id);
    tell(cost, host);
    note({ before: { kind, value } });
    return viewOf(cost, host);
  });
  routes.serve(testSource, async ({ session, params, body, signal }) => {
    const host = visible(session, params.hostId);
    checkHost(session, body.value);
    if (!tests.take(session.userId, now())) throw new Problem('too-many-requests', 'Wait a minute, then test again');
    const change = { kind: body.kind, given: body.value, mayRefer: mayDo(session, 'owner') };
    const { opened } = sources.tried(host, change, power.deps(host));
    return tried(opened, AbortSignal.any([signal, AbortSignal.timeout(TEST_MS)]));
  });
  serveCalibration(routes, parts);
}

function serveCalibration(routes: Routes, { cost, read, visible, now }: SourceRouteParts): void {
  const { sources, books } = cost;
  routes.serve(calibrate, async ({ session, params, body, note }) => {
    const host = visible(session, params.hostId);
    const typical = books.machinesOf(host.siteId).find(({ id }) => id === 'desktop');
    const usualSlope = host.watts ?? (typical ? typical.fullWatts - typical.idleWatts : 100);
    const found = await calibratedOf(host, read, { hours: body.hours, to: now(), usualSlope });
    if (!found) throw tooFew();
    const values = valuesOf(found);
    const { model, hours, meanWatts, error } = found;
    if (body.apply) {
      const { rev = 0, kind, standbyWatts } = sources.view(host.id) ?? {};
      const given = { ...values, isCalibrated: true };
      const calibration = { at: now(), hours, error };
      await sources.choose(host, { rev, kind: model, given, standbyWatts, calibration, mayRefer: false });
      tell(cost, host);
      note({ detail: { ...values, hours }, before: { kind }, after: { kind: model } });
    }
    return { model, values, hours, meanWatts, error, isApplied: body.apply };
  });
}

const tooFew = (): Problem =>
  new Problem(
    'invalid-request',
    'A meter and the processors have to be known together for an hour at least: put the host on a plug, and wait',
    [{ path: 'body.hours', message: 'in these hours there are too few readings of both' }],
  );

const tenth = (value: number): number => Math.round(value * 10) / 10;

function valuesOf({
  model,
  base,
  slope,
}: {
  model: 'model' | 'rapl';
  base: number;
  slope: number;
}): Record<string, number> {
  if (model === 'model') return { idleWatts: tenth(base), fullWatts: tenth(base + slope) };
  return { baseWatts: tenth(base), factor: Math.min(3, Math.max(0.5, Math.round(slope * 1_000) / 1_000)) };
}

/** One reading; a meter that speaks by itself is waited for. */
async function tried(opened: OpenedSource, signal: AbortSignal) {
  if (opened.how === 'frame')
    return { problem: 'There is nothing to ask: it is reckoned out of what the agent of the host sends' };
  try {
    return shownReading(opened.how === 'poll' ? await opened.read(signal) : await firstHeard(opened, signal));
  } catch (error) {
    return { problem: error instanceof SourceError ? error.message : 'The meter did not answer in time' };
  }
}

const shownReading = ({ watts, totalWh }: MeterReading) => ({
  ...(watts !== undefined && { watts }),
  ...(totalWh !== undefined && { totalKwh: totalWh / 1_000 }),
});

function firstHeard(opened: Extract<OpenedSource, { how: 'hear' }>, signal: AbortSignal): Promise<MeterReading> {
  return new Promise<MeterReading>((resolve, reject) => {
    const end = opened.hear(
      (reading) => settle(() => resolve(reading)),
      (error) => settle(() => reject(error)),
    );
    const settle = (tell: () => void): void => {
      // Not while it is being opened: a client that fails at once has no end yet.
      queueMicrotask(() => end());
      tell();
    };
    signal.addEventListener('abort', () =>
      settle(() => reject(new SourceError('Nothing was heard on this topic: is it right, and does the plug send?'))),
    );
  });
}
