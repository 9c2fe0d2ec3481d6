import { z } from 'zod';
import { documentId } from '../identity.ts';
import { cidr, NETWORK_LIMITS, subnet, subnetChange } from '../network.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const rev = z.number().int();
const subnetParams = z.object({ subnetId: documentId });
const refused = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;

export const readNetwork = route({
  id: 'network.read',
  method: 'GET',
  path: '/api/v1/network',
  access: 'viewer',
  site: 'none',
  summary: 'Says whether this appliance may look at the LAN, and how many devices there are',
  answer: z.object({
    isOn: z.boolean(),
    devices: z.number().int(),
    new: z.number().int(),
    here: z.number().int(),
    isSweeping: z.boolean(),
  }),
  errors: ['not-signed-in', 'not-allowed'],
});

export const listSubnets = route({
  id: 'network.subnets',
  method: 'GET',
  path: '/api/v1/network/subnets',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the subnets that are swept, how, and what became of the last sweep',
  query: z.object(pageQuery),
  answer: paged(subnet),
  errors: ['not-signed-in', 'not-allowed', 'invalid-request'],
});

export const addSubnetForm = subnetChange.extend({
  cidr: cidr.meta({ title: 'Network', description: 'Such as 192.168.2.0/24, at most a /20.', order: 0 }),
});
export const addSubnet = route({
  id: 'network.addSubnet',
  method: 'POST',
  path: '/api/v1/network/subnets',
  access: 'admin',
  site: 'none',
  summary: 'Adds a private network that the appliance may sweep',
  body: addSubnetForm,
  answer: subnet,
  status: 201,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const changeSubnet = route({
  id: 'network.changeSubnet',
  method: 'PATCH',
  path: '/api/v1/network/subnets/:subnetId',
  access: 'admin',
  site: 'record',
  summary: 'Changes how a subnet is swept',
  params: subnetParams,
  body: subnetChange.extend({ rev }),
  answer: subnet,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const removeSubnet = route({
  id: 'network.removeSubnet',
  method: 'DELETE',
  path: '/api/v1/network/subnets/:subnetId',
  access: 'admin',
  site: 'record',
  summary: 'Forgets a subnet and its devices; one that the appliance is in can only be switched off',
  params: subnetParams,
  answer: z.null(),
  status: 204,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

/** Answers at once; how far it is stands with the subnets. */
export const startSweep = route({
  id: 'network.sweep',
  method: 'POST',
  path: '/api/v1/network/sweeps',
  access: 'operator',
  site: 'none',
  summary: 'Sweeps subnets now: those named, or all that are switched on',
  body: z.strictObject({
    subnetIds: z.array(documentId).max(NETWORK_LIMITS.subnets).default([]).meta({ title: 'Subnets' }),
  }),
  answer: z.object({ subnets: z.number().int() }),
  status: 202,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const cancelSweep = route({
  id: 'network.cancelSweep',
  method: 'POST',
  path: '/api/v1/network/sweeps/cancel',
  access: 'operator',
  site: 'none',
  summary: 'Ends the sweeps of this site that wait or are under way; nobody is taken for gone by them',
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed'],
});

export const networkRoutes = [
  readNetwork,
  listSubnets,
  addSubnet,
  changeSubnet,
  removeSubnet,
  startSweep,
  cancelSweep,
] as const;
