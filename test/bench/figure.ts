/** One measured number. A benchmark is a module with `export async function* figures(options)` that yields these. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The run fails when the value is beyond it. */
  atMost?: number;
  /** The run fails when the value is below it. */
  atLeast?: number;
  /** What is near the limit of what was seen to be possible; for information. */
  aim?: number;
  /** How it was measured, or what it was measured beside. */
  note?: string;
}

export interface BenchOptions {
  /** Shorter and rougher: shows that the benchmark works, not how fast the product is. Gates do not count. */
  isQuick: boolean;
}

export type Bench = (options: BenchOptions) => AsyncGenerator<Figure>;
