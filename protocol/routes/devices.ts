import { z } from 'zod';
import { displayName, documentId } from '../identity.ts';
import { device, deviceDetail, ipv4, mac, NETWORK_LIMITS, portsSeen, presence, standing } from '../network.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const rev = z.number().int();
const deviceParams = z.object({ deviceId: documentId });
const refused = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;
const note = z
  .string()
  .trim()
  .max(500, 'use at most 500 characters')
  .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u, 'leave out control characters');

export const listDevices = route({
  id: 'network.devices',
  method: 'GET',
  path: '/api/v1/network/devices',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the devices that were seen on the LAN, in the order they came',
  query: z.object({ ...pageQuery, presence: presence.optional(), standing: standing.optional() }),
  answer: paged(device),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const addDeviceForm = z.strictObject({
  name: displayName.meta({ title: 'Name', order: 1 }),
  mac: mac.meta({ title: 'MAC', description: 'Six pairs, such as 00:1a:2b:3c:4d:5e.', order: 2 }),
});
export const addDevice = route({
  id: 'network.addDevice',
  method: 'POST',
  path: '/api/v1/network/devices',
  access: 'operator',
  site: 'none',
  summary: 'Adds a device that is switched off, so that it can be woken; it counts as trusted',
  body: addDeviceForm,
  answer: device,
  status: 201,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const readDevice = route({
  id: 'network.device',
  method: 'GET',
  path: '/api/v1/network/devices/:deviceId',
  access: 'viewer',
  site: 'record',
  summary: 'Reads one device with its history',
  params: deviceParams,
  answer: deviceDetail,
  errors: refused,
});

/** An empty text takes away what was said. */
export const changeDeviceForm = z.strictObject({
  name: displayName.or(z.literal('')).exactOptional().meta({ title: 'Name', order: 1 }),
  note: note.exactOptional().meta({ title: 'Note', order: 2 }),
  standing: standing.exactOptional().meta({ title: 'Standing', order: 3 }),
  tellGone: z.boolean().exactOptional().meta({ title: 'Tell when it is gone', order: 4 }),
  fixedAddress: ipv4.or(z.literal('')).exactOptional().meta({
    title: 'Address that belongs to it',
    description: 'An alert tells when another device has it.',
    order: 5,
  }),
  watchCertificates: z.boolean().exactOptional().meta({
    title: 'Tell before its certificates expire',
    description: 'Looks once a day at the ports where one was found.',
    order: 6,
  }),
});
export const changeDevice = route({
  id: 'network.changeDevice',
  method: 'PATCH',
  path: '/api/v1/network/devices/:deviceId',
  access: 'operator',
  site: 'record',
  summary: 'Names, trusts or ignores a device, and says what is told of it',
  params: deviceParams,
  body: changeDeviceForm.extend({ rev }),
  answer: device,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const trustDevices = route({
  id: 'network.trust',
  method: 'POST',
  path: '/api/v1/network/devices/trust',
  access: 'operator',
  site: 'none',
  summary: 'Trusts several devices at once',
  body: z.strictObject({ deviceIds: z.array(documentId).min(1).max(NETWORK_LIMITS.devices) }),
  answer: z.object({ trusted: z.number().int() }),
  errors: [...refused, 'storage-unavailable'],
});

export const removeDevice = route({
  id: 'network.removeDevice',
  method: 'DELETE',
  path: '/api/v1/network/devices/:deviceId',
  access: 'operator',
  site: 'record',
  summary: 'Forgets a device and its history; one that is still there comes back as new',
  params: deviceParams,
  answer: z.null(),
  status: 204,
  errors: [...refused, 'storage-unavailable'],
});

export const mergeDevices = route({
  id: 'network.merge',
  method: 'POST',
  path: '/api/v1/network/devices/:deviceId/merge',
  access: 'operator',
  site: 'record',
  summary: 'Says that another device is this one with another network card',
  params: deviceParams,
  body: z.strictObject({ otherDeviceId: documentId }),
  answer: deviceDetail,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const splitDevice = route({
  id: 'network.split',
  method: 'POST',
  path: '/api/v1/network/devices/:deviceId/split',
  access: 'operator',
  site: 'record',
  summary: 'Takes apart what was merged; it is not merged by itself again',
  params: deviceParams,
  body: z.strictObject({ mergedDeviceId: documentId }),
  answer: deviceDetail,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const lookAtPorts = route({
  id: 'network.ports',
  method: 'POST',
  path: '/api/v1/network/devices/:deviceId/ports',
  access: 'operator',
  site: 'record',
  summary: 'Tries TCP ports of a device, the usual ones where none are named',
  params: deviceParams,
  body: z.strictObject({
    ports: z.array(z.number().int().min(1).max(65_535)).max(NETWORK_LIMITS.ports).default([]),
  }),
  answer: portsSeen,
  errors: [...refused, 'conflict', 'too-many-requests', 'storage-unavailable'],
});

export const wakeDevice = route({
  id: 'network.wake',
  method: 'POST',
  path: '/api/v1/network/devices/:deviceId/wake',
  access: 'operator',
  site: 'record',
  summary: 'Sends the packet that wakes a device (wake-on-LAN)',
  params: deviceParams,
  answer: z.null(),
  status: 204,
  errors: [...refused, 'conflict', 'too-many-requests'],
});

export const devicesRoutes = [
  listDevices,
  addDevice,
  readDevice,
  changeDevice,
  trustDevices,
  removeDevice,
  mergeDevices,
  splitDevice,
  lookAtPorts,
  wakeDevice,
] as const;
