import { z } from 'zod';
import { type Panel, panel } from '../../protocol/boards.ts';
import { type OnboardingStep, onboardingStep, type Preferences } from '../../protocol/routes/dashboard.ts';
import type { Document, Kind } from '../store/documents.ts';

const stored = { id: z.string(), siteId: z.string(), rev: z.number().int() };

/** What one person chose; its id is the user's, its site the word `appliance`. */
export interface PreferencesRecord extends Document {
  value: Preferences;
}
export const preferencesRecords: Kind<PreferencesRecord> = {
  name: 'preferences',
  // A field that this version does not know is no reason to lose the others: they are judged one by one when read.
  schema: z.looseObject({ ...stored, value: z.record(z.string(), z.unknown()) }),
  indexes: [],
};

/** One document: how far setting up came. There is none on an appliance that was set up before there were steps. */
export interface OnboardingRecord extends Document {
  step: OnboardingStep;
}
export const onboardingRecords: Kind<OnboardingRecord> = {
  name: 'onboarding',
  schema: z.looseObject({ ...stored, step: onboardingStep }),
  indexes: [],
};

/** Panels that one person arranged for one site. Hosts stand by their ids, and go when they leave the site. */
export interface BoardRecord extends Document {
  userId: string;
  name: string;
  panels: Panel[];
}
export const boardRecords: Kind<BoardRecord> = {
  name: 'boards',
  schema: z.looseObject({ ...stored, userId: z.string(), name: z.string(), panels: z.array(panel) }),
  indexes: ['userId', 'siteId'],
};
