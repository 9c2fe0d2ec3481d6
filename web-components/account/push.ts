import type { addPushBrowser } from '../../protocol/routes/push.ts';
import { call, type RequestOf } from '../rest.ts';

/** Why a browser cannot be told by push messages, or whether it is. */
export type PushState = 'insecure' | 'unsupported' | 'not-offered' | 'blocked' | 'off' | 'on';

/** What this browser can do, as far as a page can know. */
export interface PushPlace {
  isSecure: boolean;
  hasPush: boolean;
  permission: string;
}

/** `isKnown`: the appliance has this browser on its list. What a person cannot change here comes first. */
export function pushStateOf(
  place: PushPlace,
  { isOffered, isKnown }: { isOffered: boolean; isKnown: boolean },
): PushState {
  if (!place.isSecure) return 'insecure';
  if (!place.hasPush) return 'unsupported';
  if (place.permission === 'denied') return 'blocked';
  if (isKnown) return 'on';
  return isOffered ? 'off' : 'not-offered';
}

export const placeHere = (): PushPlace => ({
  isSecure: globalThis.isSecureContext,
  hasPush: 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis,
  permission: 'Notification' in globalThis ? Notification.permission : 'default',
});

const WORKER = '/push-worker.js';
/** Nothing is served there: the worker stands between no page and the appliance. */
const SCOPE = '/push-worker/';

const registered = (): Promise<ServiceWorkerRegistration | undefined> => navigator.serviceWorker.getRegistration(SCOPE);

/** The mark of this browser's subscription in the appliance's list; undefined where it has none. */
export async function ownMark(): Promise<string | undefined> {
  const { isSecure, hasPush } = placeHere();
  if (!isSecure || !hasPush) return undefined;
  const subscription = await (await registered())?.pushManager.getSubscription();
  if (!subscription) return undefined;
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A step of switching it on that the browser refused. */
export class PushRefused extends Error {
  readonly step: 'permission' | 'worker' | 'service';

  constructor(step: PushRefused['step'], cause?: unknown) {
    super(cause instanceof Error ? cause.message : step);
    this.step = step;
  }
}

/** Asks for the permission, starts the worker, subscribes at the maker's push service, and tells the appliance. */
export async function switchOn(publicKey: string): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new PushRefused('permission');
  const registration = await startWorker().catch((error) => {
    throw new PushRefused('worker', error);
  });
  const subscription = await subscribe(registration, publicKey).catch((error) => {
    throw new PushRefused('service', error);
  });
  await call('POST /api/v1/account/push/browsers', { body: subscription.toJSON() as RequestOf<AddKey>['body'] });
}
type AddKey = `${(typeof addPushBrowser)['method']} ${(typeof addPushBrowser)['path']}`;

async function startWorker(): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE, updateViaCache: 'none' });
  const worker = registration.active ? undefined : (registration.installing ?? registration.waiting);
  if (worker)
    await new Promise<void>((resolve, reject) =>
      worker.addEventListener('statechange', () => {
        if (worker.state === 'activated') resolve();
        if (worker.state === 'redundant') reject(new Error('the worker did not start'));
      }),
    );
  return registration;
}

/** One that was made with another key, as before a restore, is ended first: browsers keep to one key. */
async function subscribe(registration: ServiceWorkerRegistration, publicKey: string): Promise<PushSubscription> {
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

/** Ends it on both sides; the appliance first, so that nothing is sent to nowhere. */
export async function switchOff(browserId: string): Promise<void> {
  await call('DELETE /api/v1/account/push/browsers/:browserId', { params: { browserId } });
  const registration = await registered();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await registration?.unregister();
}
