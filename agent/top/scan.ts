/** One process as a system tells it. */
export interface Scanned {
  pid: number;
  name: string;
  /** When it started, in any unit: a number that is given anew is another process. */
  start: number | string;
  /** Processor time since then, seconds; undefined where the agent may not know it. */
  cpuSeconds: number | undefined;
  memoryBytes: number;
  /** Where the scan tells it by itself. */
  user?: string | undefined;
}

/** All processes at about one moment. */
export interface Scan {
  processes: Scanned[];
  /** Those that were not read, because there are too many. */
  leftOut: number;
  /** The system hides processes of others from the agent. */
  isPartial?: true;
}

/** Reads the processes of one system. */
export interface ProcessSource {
  scan(): Promise<Scan>;
  /** Whose process it is; asked for those that are told only. */
  userOf(process: Scanned): string | undefined;
}
