import type { Run } from '../../programs.ts';
import { PS_COLUMNS, parsePs } from '../../top/darwin.ts';
import { isServiceName, type Service, type ServiceManager, type ServiceState } from '../service-state.ts';

const LINE = /^\s*(\d+|-)\s+(-?\d+|-|\([a-z]+\))\s+([A-Za-z0-9_][\w.:@-]*)\s*$/;

/** A job that runs has a process; one that does not is stopped when it ended well or never ran, and failed else. */
const stateOf = (pid: number, status: string): ServiceState =>
  pid > 0 ? 'running' : status === '0' || !/^-?\d+$/.test(status) ? 'stopped' : 'failed';

/**
 * Jobs of the block `services` of `launchctl print system`, lines of process, last status and label; `launchctl list` writes the
 * same columns below a head. A process of 0, or a dash, is none.
 */
export function parseLaunchctl(output: string): Service[] {
  const block = /^\s*services = \{\n([\s\S]*?)^\s*\}/m.exec(output)?.[1] ?? output;
  return block.split('\n').flatMap((line) => {
    const [, process = '', status = '', name = ''] = LINE.exec(line) ?? [];
    if (name === '') return [];
    const pid = Number(process) || 0;
    return [{ name, state: stateOf(pid, status), ...(pid > 0 && { pid }) }];
  });
}

/** launchd, whose jobs of the system anybody may read; by one run of launchctl, and one of ps for what they take. */
export function launchd(run: Run): ServiceManager {
  const list = async () => {
    const { output, errors, code } = await run({
      command: 'launchctl',
      args: ['print', 'system'],
      mostBytes: 8 * 1024 * 1024,
    });
    const found = parseLaunchctl(output);
    if (found.length === 0) throw new Error(`launchctl: ${errors.trim().slice(0, 200) || `code ${code}`}`);
    return found;
  };
  return {
    list,
    async show(names) {
      const all = new Map((await list()).map((service) => [service.name, service]));
      const wanted = names
        .filter(isServiceName)
        .map((name): Service => all.get(name) ?? { name, state: 'unknown', isMissing: true });
      const pids = wanted.flatMap(({ pid }) => pid ?? []);
      if (pids.length === 0) return wanted;
      const { output } = await run({ command: 'ps', args: ['-ww', '-o', PS_COLUMNS, '-p', pids.join(',')] });
      const used = new Map(parsePs(output).map((each) => [each.pid, each]));
      return wanted.map((service) => {
        const process = service.pid === undefined ? undefined : used.get(service.pid);
        if (!process) return service;
        const { memoryBytes, cpuSeconds } = process;
        return { ...service, memoryBytes, ...(cpuSeconds !== undefined && { cpuSeconds }) };
      });
    },
  };
}
