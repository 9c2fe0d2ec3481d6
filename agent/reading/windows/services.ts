import * as z from 'zod/mini';
import type { Service, ServiceManager, ServiceState } from '../service-state.ts';
import { number, query, rowsOf, text } from './rows.ts';
import type { AskShell } from './shell.ts';

const PROPERTIES = ['Name', 'DisplayName', 'State', 'ExitCode', 'ProcessId'] as const;
const USED = ['IDProcess', 'WorkingSet', 'PercentProcessorTime'] as const;

const row = z.object({ Name: z.string(), DisplayName: text, State: text, ExitCode: number, ProcessId: number });
const usedRow = z.object({ IDProcess: number, WorkingSet: number, PercentProcessorTime: number });

/** Never started since the machine was (ERROR_SERVICE_NEVER_STARTED); and 0 is a good end. */
const GOOD_EXITS = new Set([0, 1077]);

/** States of `Win32_Service` are English on every Windows. */
function stateOf({ State, ExitCode = 0 }: { State: string | undefined; ExitCode: number | undefined }): ServiceState {
  if (State === 'Running') return 'running';
  if (State === 'Stopped') return GOOD_EXITS.has(ExitCode) ? 'stopped' : 'failed';
  return State?.endsWith('Pending') || State === 'Paused' ? 'stopped' : 'unknown';
}

/** Services of `Win32_Service`. */
export const servicesOf = (found: readonly unknown[]): Service[] =>
  rowsOf(row, found).map(({ Name, DisplayName, ProcessId, ...rest }) => ({
    name: Name,
    state: stateOf(rest),
    ...(DisplayName && DisplayName !== Name && { title: DisplayName }),
    ...(ProcessId && { pid: ProcessId }),
  }));

/** What processes take, by number; processor time is in 100 ns. */
export const usedOf = (found: readonly unknown[]): Map<number, Pick<Service, 'memoryBytes' | 'cpuSeconds'>> =>
  new Map(
    rowsOf(usedRow, found).flatMap(({ IDProcess, WorkingSet, PercentProcessorTime }) =>
      IDProcess === undefined
        ? []
        : [
            [
              IDProcess,
              {
                ...(WorkingSet !== undefined && { memoryBytes: WorkingSet }),
                ...(PercentProcessorTime !== undefined && { cpuSeconds: PercentProcessorTime / 1e7 }),
              },
            ] as const,
          ],
    ),
  );

/** The service control manager. Names are looked up here, and never become part of a script; services that share a process share what it takes. */
export function serviceControl(shell: AskShell): ServiceManager {
  const list = async () => servicesOf(await shell(query('Win32_Service', PROPERTIES)));
  return {
    list,
    isName: (name) => name.length <= 256,
    async show(names) {
      const all = new Map((await list()).map((service) => [service.name.toLowerCase(), service]));
      const wanted = names.map(
        (name): Service => all.get(name.toLowerCase()) ?? { name, state: 'unknown', isMissing: true },
      );
      const pids = wanted.flatMap(({ pid }) => pid ?? []);
      if (pids.length === 0) return wanted;
      const filter = pids.map((pid) => `IDProcess=${Math.trunc(pid)}`).join(' OR ');
      const used = usedOf(await shell(query('Win32_PerfRawData_PerfProc_Process', USED, `-Filter '${filter}'`)));
      return wanted.map((service) => ({ ...service, ...(service.pid !== undefined && used.get(service.pid)) }));
    },
  };
}
