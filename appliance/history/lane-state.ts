import type { CommitLog } from '../store/history-engine.ts';
import type { LaneHead } from './head/lane-head.ts';
import type { LaneLog } from './log/lane-log.ts';

/** Everything that belongs to one lane: its open rows, the writer of its log, and the log's files. */
export interface LaneState {
  head: LaneHead;
  log: LaneLog;
  files: CommitLog;
}
