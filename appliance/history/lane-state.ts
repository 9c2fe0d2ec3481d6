import type { LaneHead } from './head/lane-head.ts';
import type { LaneLog } from './log/lane-log.ts';

/** Everything that belongs to one lane: its open rows and the writer of its log. */
export interface LaneState {
  head: LaneHead;
  log: LaneLog;
}
