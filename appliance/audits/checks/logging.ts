import { type Check, found, unknown } from './check.ts';

export const logging: Check = {
  id: 'logging',
  title: 'Nothing keeps a log',
  severity: 'low',
  reason: 'After a break-in or a crash nobody can say what happened.',
  judge({ logging, processes }) {
    if (!logging || (!processes && logging.daemons.length === 0)) return unknown('the processes could not be read');
    return found(
      logging.daemons.length > 0 ? [] : ['No log daemon runs (journald, rsyslog, syslog-ng, syslogd)'],
      'Start one: systemd-journald, rsyslog, or BusyBox syslogd and klogd.',
    );
  },
};
