import type { Message } from '../../appliance/notifications/message.ts';

const AT = Date.UTC(2026, 10, 21, 13, 32, 5);
const common = { site: 'Home', timeZone: 'Europe/Berlin', at: AT, link: 'https://reeve.local/alerts/0193' };

/** A server that went offline, with every field of NTF-1. */
export const serverOffline: Message = {
  ...common,
  id: 'alert-1.firing',
  state: 'firing',
  severity: 'critical',
  host: 'nas01',
  title: 'nas01 is offline',
  text: 'nas01 has not reported for 3 min.',
  facts: [
    { name: 'Last seen', value: '2026-11-21 14:29:00 CET' },
    { name: 'Threshold', value: '180 s' },
  ],
  causes: ['powered off', 'network', 'agent stopped'],
  suggestion: 'Look whether the machine runs, then whether its agent does.',
};

/** A service that stopped, with a remedy that waits for a person. */
export const serviceStopped: Message = {
  ...common,
  id: 'alert-2.firing',
  state: 'firing',
  severity: 'high',
  host: 'media',
  title: 'plex has stopped on media',
  text: 'The service plex has stopped with exit code 1.',
  facts: [{ name: 'Last seen', value: '2026-11-21 14:31:55 CET' }],
  causes: ['crashed', 'stopped by hand'],
  suggestion: 'Restart it.',
  action: 'Restart plex: waiting for approval',
};

export const remediationDone: Message = {
  ...common,
  id: 'action-7.completed',
  state: 'info',
  severity: 'low',
  host: 'media',
  title: 'plex was restarted on media',
  text: 'Approved by ann, took 2.1 s.',
  facts: [{ name: 'Result', value: 'active (running)' }],
  causes: [],
  action: 'Restart plex: completed',
};

export const diskHigh: Message = {
  ...common,
  id: 'alert-3.firing',
  state: 'firing',
  severity: 'medium',
  host: 'nas01',
  title: '/srv is 91 % full on nas01',
  text: '/srv has been over 80 % for 10 min, and will be full in 6 days.',
  facts: [
    { name: 'Used', value: '1.82 TB of 2 TB' },
    { name: 'Threshold', value: '80 %' },
  ],
  causes: ['recordings are kept too long'],
  suggestion: 'Delete what is old, or give it a larger disk.',
  chart: { png: Buffer.from('89504e470d0a1a0a', 'hex'), alt: 'Used space of /srv over 24 h' },
};

export const HOSTILE =
  '<!channel> <script>alert(1)</script> "\'`& \r\nBcc: a@example.org\r\n\u202e*bold* {{title}} é🎉';

/** Names and texts as somebody would choose who wants to break out of them. */
export const hostile: Message = {
  ...serverOffline,
  id: 'alert-4.firing',
  host: HOSTILE,
  site: HOSTILE,
  title: HOSTILE,
  text: HOSTILE,
  facts: [{ name: HOSTILE, value: HOSTILE }],
  causes: [HOSTILE],
  suggestion: HOSTILE,
};

/** Far longer than any far end takes. */
export const huge: Message = {
  ...serverOffline,
  id: 'alert-5.firing',
  host: 'h'.repeat(300),
  title: '🎉'.repeat(5_000),
  text: '& <é> '.repeat(20_000),
  facts: Array.from({ length: 40 }, (_, n) => ({ name: `fact ${n}`, value: '<'.repeat(5_000) })),
  causes: Array.from({ length: 100 }, () => '&'.repeat(2_000)),
  suggestion: 's'.repeat(20_000),
};

export const everyMessage = { serverOffline, serviceStopped, remediationDone, diskHigh, hostile, huge };
