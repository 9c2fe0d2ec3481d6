import { msg } from '../msg.ts';
import type { Page } from './page.ts';

/** Every page, in the order of the navigation. */
export const pages: readonly Page[] = [
  {
    id: 'fleet',
    title: () => msg('Fleet'),
    path: '/',
    nav: { icon: 'fleet' },
    tag: 'reeve-fleet-page',
    load: () => import('./fleet.ts'),
  },
  {
    id: 'host',
    title: () => msg('Host'),
    path: '/hosts/:hostId/:tab?',
    within: 'fleet',
    tag: 'reeve-host-page',
    load: () => import('./host.ts'),
  },
  {
    id: 'agents',
    title: () => msg('Agents'),
    path: '/agents',
    nav: { icon: 'agents' },
    tag: 'reeve-agents-page',
    load: () => import('./agents.ts'),
  },
  {
    id: 'settings',
    title: () => msg('General'),
    path: '/settings',
    nav: { icon: 'settings', title: () => msg('Settings') },
    group: 'settings',
    tag: 'reeve-settings-page',
    load: () => import('./settings.ts'),
  },
  {
    id: 'audit-trail',
    title: () => msg('Audit trail'),
    path: '/settings/audit-trail',
    group: 'settings',
    access: 'admin',
    tag: 'reeve-audit-trail-page',
    load: () => import('./audit-trail.ts'),
  },
];
