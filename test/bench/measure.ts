import { readdirSync, readFileSync } from 'node:fs';

/** CPU time that a process has used since it began, in seconds: all its threads, by the scheduler's own account (ns). */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + runTime(`/proc/${pid}/task/${thread}/schedstat`), 0) / 1e9;
}

/** A thread may end between listing and reading; what it used is then lost, which is little. */
function runTime(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** CPU time of the processes that it started and that have ended, in seconds; the kernel counts it in hundredths. */
export function childrenSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** How often a process has waited and was woken since it began, all its threads. */
export function wakeUps(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + switches(`/proc/${pid}/task/${thread}/status`), 0);
}

function switches(file: string): number {
  try {
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function memory(pid: number, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Memory that a process has in RAM, in MiB: now, and the most it ever had. */
export const residentMiB = (pid: number): { now: number; peak: number } => ({
  now: memory(pid, 'VmRSS') / 2 ** 20,
  peak: memory(pid, 'VmHWM') / 2 ** 20,
});

/** The value below which the given share of all values lies; nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Share of one core, in percent, that a process uses while `work` runs. */
export async function cpuPercentDuring(pid: number, work: () => Promise<void>): Promise<number> {
  const [cpuBefore, before] = [cpuSeconds(pid), performance.now()];
  await work();
  return (100_000 * (cpuSeconds(pid) - cpuBefore)) / (performance.now() - before);
}

/** CPU milliseconds of this process, all threads, that `work` takes. */
export async function ownCpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
