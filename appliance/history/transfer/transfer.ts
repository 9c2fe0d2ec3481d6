import type { HistoryEngine } from '../../store/history-engine.ts';
import type { Turns } from '../../turns.ts';
import type { Dictionary } from '../dictionary.ts';
import type { LaneHead } from '../head/lane-head.ts';
import { type ExportWanted, exportLines } from './export.ts';
import { importLines } from './import.ts';
import type { ImportOptions, ImportReport } from './input.ts';
import { type VerifyReport, verifyHistory } from './verify.ts';

/** History out of and into files, and looked through; works while frames come. For the `reeve` command, backup and migration. */
export interface Transfer {
  /** See `exportLines`. */
  export(wanted?: ExportWanted): AsyncIterable<string>;
  /** See `importLines`. Meanwhile nothing is sealed or dropped. */
  import(source: AsyncIterable<Uint8Array>, options?: ImportOptions): Promise<ImportReport>;
  /** See `verifyHistory`. */
  verify(): Promise<VerifyReport>;
}

export interface TransferParts {
  engine: HistoryEngine;
  heads: readonly LaneHead[];
  dictionary: Dictionary;
  saveRecords: () => Promise<void>;
  now: () => number;
  /** In which history does what must not happen at the same time. */
  turns: Turns;
  damage: () => readonly { file: string; reason: string }[];
}

export function openTransfer(parts: TransferParts): Transfer {
  return {
    export: (wanted = {}) => exportLines(wanted, parts),
    import: (source, options = {}) => parts.turns.run(() => importLines(source, options, parts)),
    verify: () => parts.turns.run(() => verifyHistory(parts)),
  };
}
