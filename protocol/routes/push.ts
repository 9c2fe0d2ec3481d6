import { z } from 'zod';
import { documentId, instant } from '../identity.ts';
import { route } from '../route.ts';

const own = { access: 'viewer', personal: true } as const;

/** A browser in which the person is told of this site. */
export const pushBrowser = z.object({
  id: documentId,
  /** What it calls itself. */
  browser: z.string(),
  createdAt: instant,
  /** SHA-256 of its address at the push service, hex: a browser knows itself by it, and the address itself stays here. */
  mark: z.string(),
});
export type PushBrowserView = z.infer<typeof pushBrowser>;

export const readPush = route({
  id: 'push.read',
  method: 'GET',
  path: '/api/v1/account/push',
  ...own,
  site: 'none',
  summary: 'Reads in which browsers the person is told of this site',
  answer: z.object({
    /** The key that a browser subscribes with (`applicationServerKey`), base64url. */
    publicKey: z.string(),
    /** A channel of the kind `push` is on in this site. */
    isOffered: z.boolean(),
    items: z.array(pushBrowser),
  }),
  errors: ['not-signed-in', 'not-allowed'],
});

const endpoint = z
  .url({ protocol: /^https$/, message: 'a push service has an address that begins with https://' })
  .max(1_000, 'this address is too long');
const base64url = (characters: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${characters}}$`), `these are ${characters} characters in base64url`);

/** `PushSubscription.toJSON()`. */
export const addPushBrowser = route({
  id: 'push.add',
  method: 'POST',
  path: '/api/v1/account/push/browsers',
  ...own,
  site: 'none',
  summary: 'Has this person told of this site in a browser',
  body: z.object({ endpoint, keys: z.object({ p256dh: base64url(87), auth: base64url(22) }) }),
  answer: pushBrowser,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'invalid-request', 'conflict', 'storage-unavailable'],
});

export const removePushBrowser = route({
  id: 'push.remove',
  method: 'DELETE',
  path: '/api/v1/account/push/browsers/:browserId',
  ...own,
  site: 'record',
  summary: 'Ends that in one browser',
  params: z.object({ browserId: documentId }),
  answer: z.null(),
  status: 204,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'],
});

export const pushRoutes = [readPush, addPushBrowser, removePushBrowser] as const;
