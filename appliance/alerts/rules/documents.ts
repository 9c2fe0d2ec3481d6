import { z } from 'zod';
import { type RuleFields, type RuleOverride, ruleFields, ruleOverride } from '../../../protocol/alerts.ts';
import type { Document, Kind } from '../../store/documents.ts';

/** A rule of a site, or what it changed of a built-in one. */
export interface RuleRecord extends Document {
  /** Of the built-in rule, or its own id. */
  ruleId: string;
  isBuiltIn: boolean;
  /** Of a built-in rule what is different; of any other everything. */
  fields: Partial<RuleFields>;
  overrides: RuleOverride[];
  createdAt: number;
  changedAt: number;
  changedBy: string;
}

export const ruleRecords: Kind<RuleRecord> = {
  name: 'alert-rules',
  schema: z.looseObject({
    id: z.string(),
    siteId: z.string(),
    rev: z.number().int(),
    ruleId: z.string(),
    isBuiltIn: z.boolean(),
    fields: ruleFields.partial(),
    overrides: z.array(ruleOverride),
    createdAt: z.number(),
    changedAt: z.number(),
    changedBy: z.string(),
  }) as unknown as z.ZodType<RuleRecord>,
  indexes: ['siteId'],
};
