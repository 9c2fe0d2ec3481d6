import * as z from 'zod/mini';
import { number, query, rowsOf } from '../reading/windows/rows.ts';
import type { AskShell } from '../reading/windows/shell.ts';
import type { ProcessSource, Scan, Scanned } from './scan.ts';

const PROPERTIES = ['Name', 'IDProcess', 'PercentProcessorTime', 'WorkingSet', 'ElapsedTime'] as const;
const row = z.object({
  Name: z.string(),
  IDProcess: z.number(),
  PercentProcessorTime: number,
  WorkingSet: number,
  ElapsedTime: number,
});
/** Of them all together, and of nobody. */
const NO_PROCESS = new Set(['_Total', 'Idle']);

/**
 * Processes of `Win32_PerfRawData_PerfProc_Process`, which anybody may read: processor time in 100 ns since the start, whose moment
 * `ElapsedTime` is. Several of one program are numbered, `svchost#3`. Whose they are is not told.
 */
export const processesOf = (found: readonly unknown[]): Scanned[] =>
  rowsOf(row, found)
    .filter(({ Name }) => !NO_PROCESS.has(Name))
    .map(({ Name, IDProcess, PercentProcessorTime, WorkingSet = 0, ElapsedTime = 0 }) => ({
      pid: IDProcess,
      name: Name.replace(/#\d+$/, ''),
      start: ElapsedTime,
      cpuSeconds: PercentProcessorTime === undefined ? undefined : PercentProcessorTime / 1e7,
      memoryBytes: WorkingSet,
    }));

/** The processes of Windows, by one question to the agent's shell. */
export const windowsProcesses = (shell: AskShell): ProcessSource => ({
  scan: async (): Promise<Scan> => ({
    processes: processesOf(await shell(query('Win32_PerfRawData_PerfProc_Process', PROPERTIES))),
    leftOut: 0,
  }),
  userOf: () => undefined,
});
