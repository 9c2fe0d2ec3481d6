/** The time by which commits wait for each other: monotonic, ms. Tests and benchmarks hand in one that they move themselves. */
export interface Pace {
  now(): number;
  /** Calls once after `ms`; the answer takes it off again. */
  after(ms: number, run: () => void): () => void;
}

export const realPace: Pace = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
