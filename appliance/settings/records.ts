import { z } from 'zod';
import type { Document, Kind } from '../store/documents.ts';

/** One section as it is stored: of the appliance (its site is the word `appliance`) or of one site. Secrets are `{sealed: text}`. */
export interface SettingsRecord extends Document {
  value: unknown;
}

export const settingsRecords: Kind<SettingsRecord> = {
  name: 'settings',
  schema: z.looseObject({ id: z.string(), siteId: z.string(), rev: z.number().int(), value: z.unknown() }),
  indexes: ['siteId'],
};

/** Site of what belongs to the whole appliance. */
export const OF_APPLIANCE = 'appliance';

/** Where a section is stored. */
export interface Place {
  readonly id: string;
  readonly siteId: string;
}

export const placeOf = (sectionId: string, siteId: string): Place => ({
  id: siteId === OF_APPLIANCE ? sectionId : `${sectionId}@${siteId}`,
  siteId,
});
