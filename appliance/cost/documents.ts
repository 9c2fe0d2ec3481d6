import { z } from 'zod';
import { type Machine, machine, type TariffVersion, tariffVersion } from '../../protocol/cost.ts';
import type { Fields } from '../secret-fields.ts';
import type { Document, Kind } from '../store/documents.ts';

/** Where the watts of a host come from, as people chose it; the id is the host's. */
export interface SourceRecord extends Document {
  /** Id of the plug-in. */
  kind: string;
  /** As entered, secrets sealed to the host. */
  value: Fields;
  /** Taken while the host is known to be off, W. */
  standbyWatts?: number;
  /** Since when it holds; what was measured before is never reckoned anew with it. */
  since: number;
  /** What a calibration found, for people. */
  calibration?: { at: number; hours: number; error: number };
}

export const sourceRecords: Kind<SourceRecord> = {
  name: 'power-sources',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    kind: z.string(),
    value: z.record(z.string(), z.unknown()),
    standbyWatts: z.number().exactOptional(),
    since: z.number(),
    calibration: z.object({ at: z.number(), hours: z.number(), error: z.number() }).exactOptional(),
  }),
  indexes: ['siteId'],
};

/** Tariffs, budget and machines of a site; the id is the site's. */
export interface BookRecord extends Document {
  versions: TariffVersion[];
  /** For a calendar month, in the site's currency. */
  budget?: number;
  /** People's own machines; one with the id of a shipped one stands in its place. */
  machines: Machine[];
}

export const bookRecords: Kind<BookRecord> = {
  name: 'tariffs',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    versions: z.array(tariffVersion),
    budget: z.number().exactOptional(),
    machines: z.array(machine),
  }),
  indexes: ['siteId'],
};

/** Imported prices of a site and a month of UTC; the id is `<site>|2026-05`. */
export interface SpotRecord extends Document {
  /** `[from, price per kWh]`, in order. */
  prices: [number, number][];
}

export const spotRecords: Kind<SpotRecord> = {
  name: 'spot-prices',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    prices: z.array(z.tuple([z.number(), z.number()])).max(31 * 24 * 12),
  }),
  indexes: ['siteId'],
};
