import type { Run } from '../programs.ts';
import type { ProcessSource, Scan, Scanned } from './scan.ts';

/** What ps is asked for, without heads. */
export const PS_COLUMNS = 'pid=,lstart=,time=,rss=,user=,comm=';
const MOST_BYTES = 4 * 1024 * 1024;

/** `3:07.24`, `121:05.00` or `1-02:03:04`, as ps writes processor time: seconds. */
export function parseCpuTime(text: string): number | undefined {
  const found = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)$/.exec(text);
  if (!found) return undefined;
  const [days = 0, hours = 0, minutes = 0] = found.slice(1, 4).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + Number(found[4]?.replace(',', '.'));
}

const LINE = /^\s*(\d+)\s+(\S+\s+\S+\s+\d+\s+\S+\s+\d{4})\s+(\S+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/;

/** Reads `ps -Axww -o pid=,lstart=,time=,rss=,user=,comm=` of macOS; memory is in KiB, a program stands with its whole path. */
export function parsePs(output: string): Scanned[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, start = '', time = '', kilobytes, user = '', command = ''] = LINE.exec(line) ?? [];
    if (pid === undefined) return [];
    const name = command.slice(command.lastIndexOf('/') + 1);
    const memoryBytes = Number(kilobytes) * 1024;
    return [{ pid: Number(pid), name, start, cpuSeconds: parseCpuTime(time), memoryBytes, user }];
  });
}

/** The processes of a Mac, by one run of ps for each question. */
export const darwinProcesses = (run: Run): ProcessSource => ({
  async scan(): Promise<Scan> {
    const { output, errors, code } = await run({
      command: 'ps',
      args: ['-Axww', '-o', PS_COLUMNS],
      mostBytes: MOST_BYTES,
    });
    const processes = parsePs(output);
    if (processes.length === 0) throw new Error(`ps: ${errors.trim().slice(0, 200) || `code ${code}`}`);
    return { processes, leftOut: 0 };
  },
  userOf: ({ user }) => user,
});
