import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { UsageError } from './words.ts';

/** What the commands need of history; `main` of this program hands it in. */
export interface HistoryHands {
  export(wanted: {
    from?: number;
    to?: number;
    hosts?: readonly string[];
    names: Readonly<Record<string, string>>;
  }): AsyncIterable<string>;
  import(
    source: AsyncIterable<Uint8Array>,
    options: { hostOf: (hostId: string, name: string) => string },
  ): Promise<Imported>;
  verify(): Promise<Verified>;
}

interface Imported {
  lines: number;
  rows: number;
  known: number;
  hosts: readonly { id: string; nameInFile: string }[];
  problem?: { line: number; reason: string };
}

interface Verified {
  partitions: number;
  chunks: number;
  rows: number;
  findings: readonly { where: string; hostId?: string; reason: string }[];
}

/** Names of the hosts that the appliance knows, by id. */
export type HostNames = Readonly<Record<string, string>>;

export interface Outside {
  stdin: AsyncIterable<Uint8Array>;
  stdout: NodeJS.WritableStream;
  /** Where people read. */
  say(text: string): void;
}

const count = (value: number, what: string): string => `${value.toLocaleString('en')} ${what}${value === 1 ? '' : 's'}`;

/** Ids of hosts that were given by name or id. Fails with `UsageError` for one that nobody knows or that several are called. */
export function idsOf(wanted: readonly string[], names: HostNames): string[] {
  return wanted.map((each) => {
    const found = Object.keys(names).filter((id) => id === each || names[id] === each);
    if (found.length === 1 && found[0]) return found[0];
    const known = Object.values(names).sort().join(', ') || 'none';
    throw new UsageError(
      found.length === 0
        ? `There is no host ${each}; there are: ${known}`
        : `Several hosts are called ${each}: give its id`,
    );
  });
}

interface ExportJob {
  file: string;
  from?: number;
  to?: number;
  hosts?: readonly string[];
}

/** Writes an export; a file appears under its name when it is complete. Answers with the exit code. */
export async function exportTo(job: ExportJob, history: HistoryHands, { names, outside }: Parts): Promise<number> {
  const { file, from, to, hosts } = job;
  const wanted = {
    names,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(hosts && { hosts: idsOf(hosts, names) }),
  };
  if (file === '-') {
    const bytes = await pour(history.export(wanted), outside.stdout);
    outside.say(`Wrote ${count(bytes, 'byte')}.\n`);
    return 0;
  }
  if (await stat(file).catch(() => undefined))
    throw new UsageError(`${file} is there already: remove it, or choose another name`);
  const draft = `${file}.part`;
  const handle = await open(draft, 'w', 0o600);
  try {
    const into = handle.createWriteStream({ flush: true });
    const bytes = await pour(history.export(wanted), into);
    into.end();
    await finished(into);
    await rename(draft, file);
    outside.say(`Wrote ${count(bytes, 'byte')} to ${file}.\n`);
    return 0;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

interface Parts {
  names: HostNames;
  outside: Outside;
}

/** Writes no faster than is read at the other end; fails when that goes away. */
async function pour(lines: AsyncIterable<string>, into: NodeJS.WritableStream): Promise<number> {
  let bytes = 0;
  const failed = new Promise<never>((_, reject) => into.once('error', reject));
  failed.catch(() => undefined);
  for await (const line of lines) {
    bytes += Buffer.byteLength(line);
    if (!into.write(line)) await Promise.race([failed, new Promise((resolve) => into.once('drain', resolve))]);
  }
  return bytes;
}

interface ImportJob {
  file: string;
  map: ReadonlyMap<string, string>;
}

/** Takes an export in, and says what was taken; the exit code is 1 when the file was not whole. */
export async function importFrom(job: ImportJob, history: HistoryHands, { names, outside }: Parts): Promise<number> {
  const { file, map } = job;
  const targets = new Map([...map].map(([from, to]) => [from, idsOf([to], names)[0] ?? to]));
  const hostOf = (hostId: string, name: string) => targets.get(hostId) ?? targets.get(name) ?? hostId;
  const source = file === '-' ? outside.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 });
  const { rows, known, hosts, problem } = await history.import(source, { hostOf });
  const rest = known > 0 ? `; ${count(known, 'row')} were here already` : '';
  outside.say(`Took ${count(rows, 'row')} of ${count(hosts.length, 'host')}${rest}.\n`);
  const strangers = hosts.filter(({ id }) => names[id] === undefined);
  if (strangers.length > 0) {
    const told = strangers.map(({ id, nameInFile }) => `  ${id} ${nameInFile}\n`).join('');
    outside.say(`This appliance has no such host, so that their rows are kept but shown nowhere (see --map):\n${told}`);
  }
  if (!problem) return 0;
  outside.say(`Line ${problem.line} of the file cannot be used: ${problem.reason}. What was before it was taken.\n`);
  return 1;
}

/** Reads everything, and says what is damaged; the exit code is 1 when anything is. */
export async function verify(history: HistoryHands, { names, outside }: Parts): Promise<number> {
  const { partitions, chunks, rows, findings } = await history.verify();
  for (const { where, hostId, reason } of findings) {
    const host = hostId === undefined ? '' : ` host ${names[hostId] ?? hostId}:`;
    outside.say(`${where}:${host} ${reason}\n`);
  }
  const read = `${count(partitions, 'partition')}, ${count(chunks, 'chunk')}, ${count(rows, 'row')}`;
  outside.say(
    findings.length === 0 ? `Everything is in order: ${read}.\n` : `${count(findings.length, 'finding')}: ${read}.\n`,
  );
  return findings.length === 0 ? 0 : 1;
}
