export const AGENTS = 6;
export const START = Date.UTC(2025, 10, 21);
/** Appliance time from one frame to the next. */
export const STEP_MS = 60_000;

/** What the parent sends: frames of one agent, `n` is both sequence number and value. */
export interface ToChild {
  agent: number;
  numbers: number[];
}
export type FromChild = { ready: number[] } | { agent: number; acked: number } | { refused: string };
