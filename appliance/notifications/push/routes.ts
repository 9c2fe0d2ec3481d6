import { createHash } from 'node:crypto';
import { addPushBrowser, readPush, removePushBrowser } from '../../../protocol/routes/push.ts';
import { Problem } from '../../problem.ts';
import type { Routes } from '../../serve.ts';
import type { PushBrowsers } from './browsers.ts';
import { areBrowserKeys } from './encrypt.ts';
import { isPushService } from './services.ts';

export interface PushRouteParts {
  browsers: PushBrowsers;
  /** Push channels of a site that are on, each with the services that it knows besides. */
  channelsOf(siteId: string): { services: readonly string[] }[];
}

const markOf = (endpoint: string): string => createHash('sha256').update(endpoint).digest('hex');

/** Where a person is told by push messages: their own browsers, in the site they are in. */
export function servePush(routes: Routes, { browsers, channelsOf }: PushRouteParts): void {
  routes.serve(readPush, ({ session }) => ({
    publicKey: browsers.sender.publicKey,
    isOffered: channelsOf(session.siteId).length > 0,
    items: browsers
      .list(session)
      .map(({ record: { id, browser, createdAt }, endpoint }) => ({ id, browser, createdAt, mark: markOf(endpoint) })),
  }));

  routes.serve(addPushBrowser, async ({ session, body, header, note }) => {
    const { endpoint, keys } = body;
    const own = channelsOf(session.siteId).flatMap(({ services }) => services);
    if (!isPushService(endpoint, own))
      refuse('body.endpoint', 'this is no push service that is known: an admin names one of your own in the channel');
    const given = { p256dh: Buffer.from(keys.p256dh, 'base64url'), auth: Buffer.from(keys.auth, 'base64url') };
    if (!areBrowserKeys(given)) refuse('body.keys.p256dh', 'this is no key of a browser');
    const record = await browsers.add(session, { endpoint, ...keys }, header('user-agent') ?? '');
    const { id, browser, createdAt } = record;
    note({ detail: { browserId: id, service: new URL(endpoint).hostname } });
    return { id, browser, createdAt, mark: markOf(endpoint) };
  });

  routes.serve(removePushBrowser, async ({ session, params }) => {
    await browsers.remove(session, params.browserId);
    return null;
  });
}

function refuse(path: string, message: string): never {
  throw new Problem('invalid-request', message, [{ path, message }]);
}
