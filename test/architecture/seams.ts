/** A folder of things that can be added: one file each, all of them in the list that `index.ts` exports. */
export interface Seam {
  folder: string;
  /** Name of the list. */
  list: string;
  /** Files beside the plug-ins that are none. */
  contract: readonly string[];
  hasSettings: boolean;
}

/** Every seam. A new one is a line here, and a chapter in the README's "how to add". */
export const SEAMS: readonly Seam[] = [
  { folder: 'agent/collectors', list: 'collectors', contract: ['collector.ts'], hasSettings: true },
  { folder: 'appliance/alerts/conditions', list: 'conditions', contract: ['condition.ts'], hasSettings: true },
  { folder: 'appliance/cost/sources', list: 'sources', contract: [], hasSettings: true },
  { folder: 'appliance/audits/checks', list: 'checks', contract: ['check.ts'], hasSettings: false },
  { folder: 'appliance/settings/sections', list: 'sections', contract: [], hasSettings: true },
  { folder: 'appliance/notifications/channels', list: 'channels', contract: [], hasSettings: true },
  {
    folder: 'appliance/network/names',
    list: 'nameProbes',
    contract: ['name-probe.ts', 'dns-message.ts'],
    hasSettings: false,
  },
  { folder: 'web-components/pages', list: 'pages', contract: ['page.ts'], hasSettings: false },
];
