import type { Descriptor } from '../../protocol/metrics.ts';
import { listDescriptors } from '../../protocol/routes/history.ts';
import type { Routes } from '../serve.ts';
import type { Descriptors } from './descriptors.ts';

export function serveDescriptors(routes: Routes, descriptors: Descriptors): void {
  routes.serve(listDescriptors, ({ session, setHeader }): Descriptor[] => {
    const { descriptors: all, etag } = descriptors.list(session.siteId);
    setHeader('etag', etag);
    setHeader('cache-control', 'private, no-cache');
    return all;
  });
}
