import type { SystemFiles } from '../files.ts';

const ROOT = '/sys/fs/cgroup';

export interface Group {
  memoryBytes: number;
  cpuSeconds: number;
  /** Changes when the group's first process is another one: after a restart. */
  mark: string;
}

/** Memory, processor time and first process of a control group (cgroup-v2.rst); undefined where there is no such group. */
export function readGroup(files: SystemFiles, group: string): Group | undefined {
  const folder = ROOT + group;
  const [memory, cpu] = [files.once(`${folder}/memory.current`), files.once(`${folder}/cpu.stat`)];
  const microseconds = Number(/^usage_usec (\d+)$/m.exec(cpu ?? '')?.[1]);
  if (memory === undefined || Number.isNaN(microseconds)) return undefined;
  const mark = files.once(`${folder}/cgroup.procs`)?.split('\n', 1)[0] ?? '';
  return { memoryBytes: Number.parseInt(memory, 10), cpuSeconds: microseconds / 1e6, mark };
}

/** Of its memory, files that are cached and can be given back: bytes. */
export const inactiveFiles = (files: SystemFiles, group: string): number =>
  Number(/^inactive_file (\d+)$/m.exec(files.once(`${ROOT}${group}/memory.stat`) ?? '')?.[1] ?? 0);

/** The group of a process in the one hierarchy of version 2; undefined with version 1 or when the process has gone. */
export const groupOf = (files: SystemFiles, pid: number): string | undefined =>
  /^0::(\/.+)$/m.exec(files.once(`/proc/${pid}/cgroup`) ?? '')?.[1];
