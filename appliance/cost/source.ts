import type { z } from 'zod';
import type { Confidence, Machine } from '../../protocol/cost.ts';
import type { Plugin } from '../../protocol/plugin.ts';

/** What a meter says: watts now, the energy that it has counted since whenever, or both. */
export interface MeterReading {
  watts?: number;
  totalWh?: number;
}

/** What a frame of the host's agent says of its power. */
export interface FrameReading {
  /** Share 0–1 of the processors. */
  cpu?: number;
  /** Watts of processors and memory, or of the whole platform, as RAPL counts them. */
  rapl?: number;
  /** Watts of the whole machine, by its management controller. */
  chassis?: number;
}

/** Asks the meter again and again. Fails with a `SourceError`, within the signal's time. */
export interface Polled {
  how: 'poll';
  everyMs: number;
  read(signal: AbortSignal): Promise<MeterReading>;
}

/** Is told by the meter. */
export interface Heard {
  how: 'hear';
  /** Begins to listen; the answer ends it. */
  hear(take: (reading: MeterReading) => void, failed: (error: SourceError) => void): () => void;
}

/** Reckons the power out of each frame of the host. */
export interface Reckoned {
  how: 'frame';
  /** W; undefined where the frame does not say enough. */
  watts(frame: FrameReading, at: number): number | undefined;
}

export type OpenedSource = Polled | Heard | Reckoned;

export interface SourceDeps {
  hostId: string;
  siteId: string;
  now: () => number;
  /** Of the site's table. */
  machine(id: string): Machine | undefined;
  /** What people say of the host: thermal design power, W. */
  tdp?: number;
  /** The host's share of what a UPS gives, W; undefined while it does not tell. */
  upsShare?(ups: { hostId: string; name: string | undefined }, at: number): number | undefined;
}

/** Where the watts of a host come from: one file in `sources/`, one line in its `index.ts`. */
export interface PowerPlugin<Settings extends z.ZodObject = z.ZodObject>
  extends Plugin<Settings, SourceDeps, OpenedSource> {
  readonly confidence: Confidence;
  /** How far the truth may lie from it, as a share. */
  uncertainty(settings: z.output<Settings>): number;
  /** What people should know before they choose it. */
  readonly hint: string;
}

/** Declares a source; only ties its types together. */
export const source = <Settings extends z.ZodObject>(plugin: PowerPlugin<Settings>): PowerPlugin<Settings> => plugin;

/** A meter did not say what was asked, with the cure in its text. Never holds a secret. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code = 'power-source';
}
