import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SystemFiles } from '../files.ts';
import type { ProcessSource, Scan, Scanned } from './scan.ts';

/** A frame that is due meanwhile waits for one slice at most. */
const SLICE_MS = 4;
/** Reading costs 20 to 40 µs for each. */
const MOST_PROCESSES = 10_000;

export interface Units {
  /** Bytes of a page: 4 KiB, but 16 KiB on a Raspberry Pi 5. */
  page: number;
  /** Clock ticks in a second. */
  ticks: number;
}

const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/** Reads both from the process's auxiliary vector (getauxval(3)), pairs of machine words; what most machines have where it is not there. */
export function parseUnits(auxv: Buffer | undefined, wordBytes: 4 | 8 = 8): Units {
  const units = { page: 4096, ticks: 100 };
  const word = (at: number) => (wordBytes === 8 ? auxv?.readBigUInt64LE(at) : BigInt(auxv?.readUInt32LE(at) ?? 0));
  for (let at = 0; auxv && at + 2 * wordBytes <= auxv.length; at += 2 * wordBytes) {
    const value = Number(word(at + wordBytes));
    if (word(at) === AT_PAGESZ && value > 0) units.page = value;
    if (word(at) === AT_CLKTCK && value > 0) units.ticks = value;
  }
  return units;
}

/** Reads /proc/<pid>/stat (proc_pid_stat(5)); a name may hold blanks and brackets. Undefined when it is none. */
export function parseStat(stat: string, { page, ticks }: Units): Scanned | undefined {
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')];
  // After the name: state is 0, utime 11, stime 12, starttime 19, rss 21.
  const fields = stat.slice(close + 2).split(' ');
  const [user, system, start, pages] = [fields[11], fields[12], fields[19], fields[21]].map(Number);
  if (open < 0 || close < open || user === undefined || system === undefined || start === undefined) return undefined;
  if (!Number.isFinite(user + system + start + (pages ?? Number.NaN))) return undefined;
  const name = Buffer.from(stat.slice(open + 1, close), 'latin1').toString('utf8');
  const memoryBytes = Math.max(0, pages ?? 0) * page;
  return { pid: Number.parseInt(stat, 10), name, start, cpuSeconds: (user + system) / ticks, memoryBytes };
}

/** Names of users by number, of /etc/passwd: the names of a directory service stay numbers, because asking it takes its time. */
export const parsePasswd = (passwd: string): Map<string, string> =>
  new Map(
    passwd.split('\n').flatMap((line) => {
      const [name = '', , uid] = line.split(':');
      return uid !== undefined && name !== '' ? [[uid, name] as const] : [];
    }),
  );

const wordBytes = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8;

/** The processes of a Linux machine, read in slices so that a frame that is due is not kept waiting. */
export function linuxProcesses(files: SystemFiles): ProcessSource {
  const units = parseUnits(files.bytes('/proc/self/auxv'), wordBytes);
  let names: Map<string, string> | undefined;
  return {
    async scan(): Promise<Scan> {
      names = undefined;
      const pids = files.list('/proc').filter((name) => name >= '1' && name <= ':');
      const processes: Scanned[] = [];
      let sliceEndsAt = performance.now() + SLICE_MS;
      for (const pid of pids.slice(0, MOST_PROCESSES)) {
        if (performance.now() >= sliceEndsAt) {
          await nextTurn();
          sliceEndsAt = performance.now() + SLICE_MS;
        }
        // One that has ended meanwhile is none.
        const found = parseStat(files.bytes(`/proc/${pid}/stat`)?.toString('latin1') ?? '', units);
        if (found) processes.push(found);
      }
      return {
        processes,
        leftOut: Math.max(0, pids.length - MOST_PROCESSES),
        ...(!pids.includes('1') && { isPartial: true }),
      };
    },
    userOf({ pid }) {
      const uid = files.ownerOf(`/proc/${pid}`);
      if (uid === undefined) return undefined;
      names ??= parsePasswd(files.once('/etc/passwd') ?? '');
      return names.get(String(uid)) ?? String(uid);
    },
  };
}
