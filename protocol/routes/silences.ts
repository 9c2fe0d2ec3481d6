import { z } from 'zod';
import { documentId, instant } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';
import { alertMatch, maintenance, maintenanceForm, quietSpan, silence, silenceForm } from '../silences.ts';

const rev = z.number().int();
const silenceParams = z.object({ silenceId: documentId });
const windowParams = z.object({ windowId: documentId });
const refused = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;

export const listSilences = route({
  id: 'silences.list',
  method: 'GET',
  path: '/api/v1/silences',
  access: 'viewer',
  site: 'none',
  summary: 'Lists silences, the newest first',
  query: z.object({ ...pageQuery, state: z.enum(['upcoming', 'active', 'over']).optional() }),
  answer: paged(silence),
  errors: ['not-signed-in', 'invalid-request'],
});

export const addSilence = route({
  id: 'silences.add',
  method: 'POST',
  path: '/api/v1/silences',
  access: 'operator',
  site: 'none',
  summary: 'Keeps alerts quiet until a time; what still fires then is told',
  body: silenceForm,
  answer: silence,
  status: 201,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const changeSilence = route({
  id: 'silences.change',
  method: 'PUT',
  path: '/api/v1/silences/:silenceId',
  access: 'operator',
  site: 'record',
  summary: 'Changes a silence that is not over',
  params: silenceParams,
  body: silenceForm.extend({ rev }),
  answer: silence,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const endSilence = route({
  id: 'silences.end',
  method: 'POST',
  path: '/api/v1/silences/:silenceId/end',
  access: 'operator',
  site: 'record',
  summary: 'Ends a silence now',
  params: silenceParams,
  answer: silence,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const removeSilence = route({
  id: 'silences.remove',
  method: 'DELETE',
  path: '/api/v1/silences/:silenceId',
  access: 'operator',
  site: 'record',
  summary: 'Removes a silence; one that is under way ends',
  params: silenceParams,
  answer: z.null(),
  status: 204,
  errors: refused,
});

export const listMaintenance = route({
  id: 'maintenance.list',
  method: 'GET',
  path: '/api/v1/maintenance-windows',
  access: 'viewer',
  site: 'none',
  summary: 'Lists maintenance windows, each with the one under way and the next ones',
  query: z.object(pageQuery),
  answer: paged(maintenance),
  errors: ['not-signed-in', 'invalid-request'],
});

export const addMaintenance = route({
  id: 'maintenance.add',
  method: 'POST',
  path: '/api/v1/maintenance-windows',
  access: 'admin',
  site: 'none',
  summary: 'Plans maintenance, once or again and again',
  body: maintenanceForm,
  answer: maintenance,
  status: 201,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const changeMaintenance = route({
  id: 'maintenance.change',
  method: 'PUT',
  path: '/api/v1/maintenance-windows/:windowId',
  access: 'admin',
  site: 'record',
  summary: 'Changes a maintenance window',
  params: windowParams,
  body: maintenanceForm.extend({ rev }),
  answer: maintenance,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

/** The next one begins as planned. */
export const endMaintenance = route({
  id: 'maintenance.end',
  method: 'POST',
  path: '/api/v1/maintenance-windows/:windowId/end',
  access: 'operator',
  site: 'record',
  summary: 'Ends the maintenance that is under way',
  params: windowParams,
  answer: maintenance,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const removeMaintenance = route({
  id: 'maintenance.remove',
  method: 'DELETE',
  path: '/api/v1/maintenance-windows/:windowId',
  access: 'admin',
  site: 'record',
  summary: 'Removes a maintenance window',
  params: windowParams,
  answer: z.null(),
  status: 204,
  errors: refused,
});

export const listSilenced = route({
  id: 'silenced.now',
  method: 'GET',
  path: '/api/v1/silenced',
  access: 'viewer',
  site: 'none',
  summary: 'Says what is kept quiet now, by whom and until when',
  query: z.object(pageQuery),
  answer: paged(
    quietSpan.extend({
      match: alertMatch,
      /** How many hosts it is about. */
      hosts: z.number().int(),
      /** Alerts that nobody was told of because of it. */
      alertIds: z.array(documentId),
    }),
  ),
  errors: ['not-signed-in', 'invalid-request'],
});

const moment = z.coerce.number().pipe(instant);

export const hostQuietSpans = route({
  id: 'silenced.ofHost',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/maintenance',
  access: 'viewer',
  site: 'record',
  summary: 'Lists maintenance and silences of a host in a span of time, for charts',
  params: z.object({ hostId: documentId }),
  query: z
    .object({ from: moment, to: moment })
    .refine(({ from, to }) => to > from && to - from <= 400 * 86_400_000, 'ask for at most 400 days, from before to'),
  answer: z.object({ items: z.array(quietSpan) }),
  errors: refused,
});

export const silencesRoutes = [
  listSilences,
  addSilence,
  changeSilence,
  endSilence,
  removeSilence,
  listMaintenance,
  addMaintenance,
  changeMaintenance,
  endMaintenance,
  removeMaintenance,
  listSilenced,
  hostQuietSpans,
] as const;
