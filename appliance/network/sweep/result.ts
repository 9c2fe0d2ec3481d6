/** Somebody answered. */
export interface Sighting {
  ip: string;
  mac?: string;
  /** When it proved to be there, epoch ms. */
  at: number;
}

/** What a sweep of one subnet brought. */
export interface Swept {
  /** How it was asked, in words. */
  by: string;
  asked: number;
  of: number;
  sightings: Sighting[];
  /** Addresses that several cards answered for at once. */
  doubles: { ip: string; macs: string[] }[];
  /** Why nobody may be taken for gone by it; absent when every address was asked. */
  why?: string;
}

/** What to sweep. */
export interface SweepTarget {
  cidr: string;
  addresses: readonly string[];
  packetsPerSecond: number;
  /** Where devices were when they answered last. */
  known: ReadonlySet<string>;
}

/** The interface of the appliance that is in the subnet. */
export interface SweepLink {
  name: string;
  address: string;
  mac: string;
}

export interface SweepContext {
  now: () => number;
  signal: AbortSignal;
  progress(done: number, of: number, text: string): void;
}
