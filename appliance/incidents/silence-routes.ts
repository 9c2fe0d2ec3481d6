import type { Host } from '../../protocol/hosts.ts';
import { addSilence, changeSilence, endSilence, listSilences, removeSilence } from '../../protocol/routes/silences.ts';
import { MOST_SILENCE_MS, type Silence } from '../../protocol/silences.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { SilenceRecord } from './documents.ts';
import type { Quiet } from './quiet.ts';

export interface SilenceRouteParts {
  quiet: Quiet;
  now: () => number;
  /** The host, if the session may see it; fails as for one that never was. */
  visible(session: Session, hostId: string): Host;
  /** Something that keeps alerts quiet was changed. */
  changed(): void;
}

const wrong = (path: string, message: string): Problem =>
  new Problem('invalid-request', message, [{ path: `body.${path}`, message }]);

/** What operators keep quiet, and until when. */
export function serveSilences(routes: Routes, parts: SilenceRouteParts): void {
  const { quiet, now, visible, changed } = parts;
  const { silences } = quiet;
  const shown = (record: SilenceRecord): Silence => asSilence(record, now());

  routes.serve(listSilences, ({ session, query }) => {
    const mine = silences.list(session.siteId).map(shown).reverse();
    const wanted = mine.filter(({ state }) => query.state === undefined || state === query.state);
    const from = query.cursor === undefined ? 0 : wanted.findIndex(({ id }) => id < (query.cursor ?? ''));
    const items = from < 0 ? [] : wanted.slice(from, from + query.limit);
    const last = items.at(-1);
    return { items, ...(last && last !== wanted.at(-1) && { next: last.id }) };
  });

  routes.serve(addSilence, async ({ session, body, note }) => {
    for (const hostId of body.match.hostIds) visible(session, hostId);
    const { reason, match } = body;
    const fields = { siteId: session.siteId, reason, match, ...spanOf(body, now()), by: session.userName };
    const record = await silences.add({ id: newId(now()), ...fields, createdAt: now() });
    changed();
    note({ detail: { silenceId: record.id }, after: body });
    return shown(record);
  });

  routes.serve(removeSilence, async ({ session, params, note }) => {
    const { id, reason } = silences.read(session.siteId, params.silenceId);
    await silences.remove(id);
    changed();
    note({ before: { reason } });
    return null;
  });

  serveChanges(routes, parts);
}

function serveChanges(routes: Routes, { quiet, now, visible, changed }: SilenceRouteParts): void {
  const { silences } = quiet;
  const open = (session: Session, id: string): SilenceRecord => {
    const record = silences.read(session.siteId, id);
    if (record.endsAt <= now()) throw new Problem('conflict', 'This silence is over: make a new one');
    return record;
  };

  routes.serve(changeSilence, async ({ session, params, body, note }) => {
    const before = open(session, params.silenceId);
    for (const hostId of body.match.hostIds) visible(session, hostId);
    const { reason, match, rev } = body;
    const span = spanOf({ startsAt: before.startsAt, ...body }, now());
    const record = await silences.change({ ...before, reason, match, ...span }, rev);
    changed();
    note({ before: { reason: before.reason, match: before.match, endsAt: before.endsAt }, after: body });
    return asSilence(record, now());
  });

  routes.serve(endSilence, async ({ session, params, note }) => {
    const before = open(session, params.silenceId);
    const at = now();
    const span = { startsAt: Math.min(before.startsAt, at), endsAt: at };
    const record = await silences.change({ ...before, ...span, endedBy: session.userName }, before.rev);
    changed();
    note({ detail: { reason: before.reason } });
    return asSilence(record, at);
  });
}

/** From now on where nothing is said; it has to end, in the future and not too far in it. */
function spanOf({ startsAt: asked, endsAt }: { startsAt?: number; endsAt: number }, now: number) {
  const startsAt = asked ?? now;
  if (endsAt <= Math.max(startsAt, now)) throw wrong('endsAt', 'it would be over already: choose a later time');
  if (endsAt - startsAt > MOST_SILENCE_MS)
    throw wrong('endsAt', '90 days is the most; what never matters is a rule to switch off');
  return { startsAt, endsAt };
}

function asSilence({ siteId: _, ...record }: SilenceRecord, now: number): Silence {
  const state = record.endsAt <= now ? 'over' : record.startsAt > now ? 'upcoming' : 'active';
  return { ...record, state };
}
