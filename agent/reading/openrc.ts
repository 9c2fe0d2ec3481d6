import type { SystemFiles } from '../files.ts';
import { isServiceName, type Service, type ServiceManager } from './service-state.ts';

const RUN = '/run/openrc';

/**
 * OpenRC, by the files in which it keeps what it knows (librc.c): a link in `started` for each service that runs, one in `failed`
 * for each that did not start, and in `daemons/<name>` the process files of those it started. One whose process has gone has crashed.
 */
export function openrc(files: SystemFiles): ServiceManager {
  const show = (name: string): Service => {
    if (!files.exists(`/etc/init.d/${name}`)) return { name, state: 'stopped', isMissing: true };
    if (files.exists(`${RUN}/failed/${name}`)) return { name, state: 'failed' };
    if (!files.exists(`${RUN}/started/${name}`)) return { name, state: 'stopped' };
    const pids = files.list(`${RUN}/daemons/${name}`).flatMap((each) => {
      const file = /^pidfile=(.+)$/m.exec(files.once(`${RUN}/daemons/${name}/${each}`) ?? '')?.[1];
      const pid = file === undefined ? Number.NaN : Number.parseInt(files.once(file) ?? '', 10);
      return pid > 0 ? [pid] : [];
    });
    const isCrashed = pids.some((pid) => !files.exists(`/proc/${pid}`));
    return {
      name,
      state: isCrashed ? 'failed' : 'running',
      ...(pids[0] !== undefined && !isCrashed && { pid: pids[0] }),
    };
  };
  return {
    show: async (names) => names.filter(isServiceName).map(show),
    list: async () => files.list(`${RUN}/started`).filter(isServiceName).map(show),
  };
}
