import {
  addMaintenance,
  changeMaintenance,
  endMaintenance,
  listMaintenance,
  removeMaintenance,
} from '../../protocol/routes/silences.ts';
import type { Maintenance, MaintenanceForm } from '../../protocol/silences.ts';
import { newId } from '../ids.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { MaintenanceRecord } from './documents.ts';
import { nextAfter, wrongPlan } from './occurrences.ts';
import { runningOf } from './quiet.ts';
import type { SilenceRouteParts } from './silence-routes.ts';

export interface MaintenanceRouteParts extends SilenceRouteParts {
  zoneOf(siteId: string): string;
}

const wrong = (path: string, message: string): Problem =>
  new Problem('invalid-request', message, [{ path: `body.${path}`, message }]);

/** What admins plan. */
export function serveMaintenance(
  routes: Routes,
  { quiet, now, visible, zoneOf, changed }: MaintenanceRouteParts,
): void {
  const { windows } = quiet;
  const shown = (record: MaintenanceRecord): Maintenance => asMaintenance(record, now());
  const fieldsOf = (session: Session, form: MaintenanceForm) => {
    for (const hostId of form.match.hostIds) visible(session, hostId);
    const { title, reason, match, schedule, isEnabled } = form;
    const timeZone = form.timeZone ?? zoneOf(session.siteId);
    const problem = wrongPlan({ schedule, timeZone }, now());
    if (problem !== undefined) throw wrong('schedule.cron', problem);
    return { title, reason, match, schedule, isEnabled, timeZone };
  };

  routes.serve(listMaintenance, ({ session, query }) => {
    const page = pageOf(windows.list(session.siteId), query, ({ id }) => id);
    return { ...page, items: page.items.map(shown) };
  });

  routes.serve(addMaintenance, async ({ session, body, note }) => {
    const fields = { siteId: session.siteId, ...fieldsOf(session, body), by: session.userName };
    const record = await windows.add({ id: newId(now()), ...fields, createdAt: now() });
    changed();
    note({ detail: { windowId: record.id }, after: body });
    return shown(record);
  });

  routes.serve(changeMaintenance, async ({ session, params, body, note }) => {
    const { rev, ...form } = body;
    const before = windows.read(session.siteId, params.windowId);
    const { endedAt: _, ...kept } = before;
    const record = await windows.change({ ...kept, ...fieldsOf(session, form) }, rev);
    changed();
    const { title, reason, match, schedule, timeZone, isEnabled } = before;
    note({ before: { title, reason, match, schedule, timeZone, isEnabled }, after: form });
    return shown(record);
  });

  routes.serve(endMaintenance, async ({ session, params, note }) => {
    const before = windows.read(session.siteId, params.windowId);
    if (!runningOf(before, now())) throw new Problem('conflict', 'Nothing of it is under way');
    const record = await windows.change({ ...before, endedAt: now() }, before.rev);
    changed();
    note({ detail: { title: before.title } });
    return shown(record);
  });

  routes.serve(removeMaintenance, async ({ session, params, note }) => {
    const { id, title } = windows.read(session.siteId, params.windowId);
    await windows.remove(id);
    changed();
    note({ before: { title } });
    return null;
  });
}

const NEXT_SHOWN = 3;

function asMaintenance(stored: MaintenanceRecord, now: number): Maintenance {
  const { siteId: _, endedAt: __, ...record } = stored;
  const next: Maintenance['next'] = [];
  for (let at = now; next.length < NEXT_SHOWN && record.isEnabled; ) {
    const found = nextAfter(record, at);
    if (!found) break;
    next.push(found);
    at = found.from;
  }
  const running = runningOf(stored, now);
  return { ...record, next, ...(running && { now: running }) };
}
