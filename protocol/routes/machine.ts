import { z } from 'zod';
import { UPLOAD_PIECE_BYTES } from '../backups.ts';
import { jobRun } from '../jobs.ts';
import { bundleManifest, imageNetwork, imageState, imageUpdate, machineName, sshAccess } from '../machine.ts';
import { route } from '../route.ts';

/** What the appliance can order of the system of its image. */
export const ORDERS = ['update', 'hostname', 'factory-reset', 'restart', 'power-off'] as const;

/** The machine that the image runs on; `image` is null where the appliance runs on a machine of somebody else's. */
export const machineAnswer = z.object({
  image: imageState.nullable(),
  update: imageUpdate.nullable(),
  network: imageNetwork.nullable(),
  /** As the LAN finds it, `reeve-2.local` where another machine has the name already; null where no responder answers. */
  localName: z.string().nullable(),
  ssh: z.object({ enabled: z.boolean(), keys: z.array(z.string()) }),
  /** Ordered, and not yet taken up. */
  pending: z.array(z.enum(ORDERS)),
});

const refusals = ['not-signed-in', 'not-allowed', 'not-found', 'storage-unavailable'] as const;
const changes = [...refusals, 'invalid-request'] as const;

export const readMachine = route({
  id: 'machine.read',
  method: 'GET',
  path: '/api/v1/machine',
  access: 'owner',
  site: 'none',
  summary: 'Says how the machine of a flashed appliance fares: version, slots, update, addresses',
  answer: machineAnswer,
  errors: ['not-signed-in', 'not-allowed'],
});

export const hostNameForm = z.strictObject({ hostName: machineName });

export const setHostName = route({
  id: 'machine.setHostName',
  method: 'PUT',
  path: '/api/v1/machine/host-name',
  access: 'owner',
  site: 'none',
  summary: 'Gives the machine another host name',
  body: hostNameForm,
  answer: machineAnswer,
  errors: changes,
});

/** Whoever has a key of it is root on the machine: a person has to be there. */
export const setSsh = route({
  id: 'machine.setSsh',
  method: 'PUT',
  path: '/api/v1/machine/ssh',
  access: 'owner',
  personal: true,
  site: 'none',
  summary: 'Switches SSH of the machine on or off, and says with which keys',
  body: sshAccess,
  answer: machineAnswer,
  errors: changes,
});

export const beginBundle = route({
  id: 'machine.beginUpload',
  method: 'POST',
  path: '/api/v1/machine/update/uploads',
  access: 'owner',
  site: 'none',
  summary: 'Begins the upload of an update; its pieces follow',
  answer: z.object({ uploadId: z.string(), pieceBytes: z.number().int() }),
  status: 201,
  errors: [...refusals, 'conflict'],
});

export const uploadBundle = route({
  id: 'machine.upload',
  method: 'PUT',
  path: '/api/v1/machine/update/uploads/:uploadId',
  access: 'owner',
  site: 'none',
  summary:
    'Takes the next piece of an update; after the last one it is installed, and the machine restarts (not for executables of the agent)',
  params: z.object({ uploadId: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'an id that this appliance gave') }),
  query: z.object({
    offset: z.coerce.number().int().min(0).meta({ title: 'How many bytes came before' }),
    last: z.enum(['true', 'false']).default('false').meta({ title: 'Whether this is the last piece' }),
  }),
  uploadBytes: UPLOAD_PIECE_BYTES,
  answer: z.object({ bytes: z.number().int(), version: bundleManifest.shape.version.exactOptional() }),
  errors: [...changes, 'too-large', 'conflict', 'update-refused'],
});

export const fetchForm = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'a full address such as http://192.168.1.5/reeve.update' })
    .max(500)
    .meta({ title: 'Address', description: 'Of an update on the LAN, as http://192.168.1.5/reeve.update.' }),
});

/** Goes on as the job `update`. */
export const fetchBundle = route({
  id: 'machine.fetchUpdate',
  method: 'POST',
  path: '/api/v1/machine/update/fetch',
  access: 'owner',
  site: 'none',
  summary: 'Fetches an update from an address of the LAN and installs it; the machine restarts',
  body: fetchForm,
  answer: jobRun,
  status: 202,
  errors: [...changes, 'conflict', 'update-refused'],
});

export const restartMachine = route({
  id: 'machine.restart',
  method: 'POST',
  path: '/api/v1/machine/restart',
  access: 'owner',
  site: 'none',
  summary: 'Restarts the machine',
  answer: machineAnswer,
  status: 202,
  errors: refusals,
});

export const powerOffMachine = route({
  id: 'machine.powerOff',
  method: 'POST',
  path: '/api/v1/machine/power-off',
  access: 'owner',
  site: 'none',
  summary: 'Switches the machine off; only a person at the machine switches it on again',
  answer: machineAnswer,
  status: 202,
  errors: refusals,
});

export const resetMachine = route({
  id: 'machine.factoryReset',
  method: 'POST',
  path: '/api/v1/machine/factory-reset',
  access: 'owner',
  personal: true,
  site: 'none',
  summary: 'Deletes all data of the appliance and restarts it as if it were new',
  body: z.strictObject({ confirm: z.string().max(63).meta({ title: 'Host name of the machine, typed' }) }),
  answer: machineAnswer,
  status: 202,
  errors: changes,
});

export const machineRoutes = [
  readMachine,
  setHostName,
  setSsh,
  beginBundle,
  uploadBundle,
  fetchBundle,
  restartMachine,
  powerOffMachine,
  resetMachine,
] as const;
