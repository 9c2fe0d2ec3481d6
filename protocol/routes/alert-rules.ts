import { z } from 'zod';
import { effectiveRule, rule, ruleFields, ruleId, ruleOverrides } from '../alerts.ts';
import { documentId } from '../identity.ts';
import { paged, pageQuery } from '../paging.ts';
import { route } from '../route.ts';

const ruleParams = z.object({ ruleId });
const ofRecord = ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request'] as const;

export const listRules = route({
  id: 'alertRules.list',
  method: 'GET',
  path: '/api/v1/alert-rules',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the rules of the site, built-in ones first',
  query: z.object(pageQuery),
  answer: paged(rule),
  errors: ['not-signed-in', 'invalid-request'],
});

export const readRule = route({
  id: 'alertRules.read',
  method: 'GET',
  path: '/api/v1/alert-rules/:ruleId',
  access: 'viewer',
  site: 'record',
  summary: 'Reads one rule (ETag is its revision)',
  params: ruleParams,
  answer: rule,
  errors: ofRecord,
});

export const ruleForm = ruleFields.extend({
  isEnabled: ruleFields.shape.isEnabled.default(true),
  attributes: ruleFields.shape.attributes.default([]),
  hosts: ruleFields.shape.hosts.default({ tags: [], hostIds: [], exceptTags: [] }),
  forMs: ruleFields.shape.forMs.default(0),
  share: ruleFields.shape.share.default(0.9),
  clearForMs: ruleFields.shape.clearForMs.default(0),
  overrides: ruleOverrides.default([]),
});
export type RuleForm = z.output<typeof ruleForm>;

export const createRule = route({
  id: 'alertRules.create',
  method: 'POST',
  path: '/api/v1/alert-rules',
  access: 'admin',
  site: 'none',
  summary: 'Makes a rule',
  body: ruleForm,
  answer: rule,
  status: 201,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'conflict', 'storage-unavailable'],
});

/** `rev` is the revision the editor saw. Metric and kind of condition of a built-in rule are fixed; null takes a field away. */
export const editRule = route({
  id: 'alertRules.edit',
  method: 'PATCH',
  path: '/api/v1/alert-rules/:ruleId',
  access: 'admin',
  site: 'record',
  summary: 'Changes a rule, or what is different for some hosts',
  params: ruleParams,
  body: ruleFields.partial().extend({
    rev: z.number().int().min(0),
    metric: ruleFields.shape.metric.nullable().optional(),
    remedy: ruleFields.shape.remedy.nullable().optional(),
    overrides: ruleOverrides.optional(),
  }),
  answer: rule,
  errors: [...ofRecord, 'conflict', 'storage-unavailable'],
});

export const removeRule = route({
  id: 'alertRules.remove',
  method: 'DELETE',
  path: '/api/v1/alert-rules/:ruleId',
  access: 'admin',
  site: 'record',
  summary: 'Removes a rule; a built-in one is as it came again. Its open alerts end',
  params: ruleParams,
  answer: z.null(),
  status: 204,
  errors: ofRecord,
});

export const hostRules = route({
  id: 'alertRules.ofHost',
  method: 'GET',
  path: '/api/v1/hosts/:hostId/alert-rules',
  access: 'viewer',
  site: 'record',
  summary: 'Lists the rules as they hold for one host, with where each value comes from',
  params: z.object({ hostId: documentId }),
  answer: z.array(effectiveRule),
  errors: ofRecord,
});

export const listConditions = route({
  id: 'alertConditions.list',
  method: 'GET',
  path: '/api/v1/alert-conditions',
  access: 'viewer',
  site: 'none',
  summary: 'Lists the conditions that a rule may have, each with the form of its settings',
  answer: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      input: z.enum(['values', 'silence', 'trend', 'facts']),
      form: z.record(z.string(), z.unknown()),
    }),
  ),
  errors: ['not-signed-in'],
});

export const listPresets = route({
  id: 'alertPresets.list',
  method: 'GET',
  path: '/api/v1/alert-presets',
  access: 'viewer',
  site: 'none',
  summary: 'Lists sets of rules for a kind of machine',
  answer: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      text: z.string(),
      rules: z.array(z.string()),
      /** Built-in rules that are switched off for these hosts, because one of the rules has their place. */
      replaces: z.array(ruleId),
      mail: z.array(z.string()),
    }),
  ),
  errors: ['not-signed-in'],
});

/** Rules of a preset that are there already are left as they are. */
export const applyPreset = route({
  id: 'alertPresets.apply',
  method: 'POST',
  path: '/api/v1/alert-presets/:preset/apply',
  access: 'admin',
  site: 'none',
  summary: 'Adds the rules of a preset for hosts with a tag, or for all of the site',
  params: z.object({ preset: z.string().regex(/^[a-z][a-z-]{0,31}$/) }),
  body: z.object({ tag: z.string().trim().min(1).max(40).optional().meta({ title: 'Hosts with this tag' }) }),
  answer: z.array(rule),
  errors: [...ofRecord, 'conflict', 'storage-unavailable'],
});

const episode = z.object({
  hostId: documentId,
  hostName: z.string(),
  attributes: z.record(z.string(), z.string()),
  firedAt: z.number(),
  /** Absent: it fires still. */
  resolvedAt: z.number().exactOptional(),
});

export const previewRule = route({
  id: 'alertRules.preview',
  method: 'POST',
  path: '/api/v1/alert-rules/preview',
  access: 'admin',
  site: 'none',
  summary: 'Judges real history by a rule: how often it would have fired in the last days',
  body: ruleForm.extend({ days: z.number().int().min(1).max(30).default(30) }),
  answer: z.object({
    from: z.number(),
    to: z.number(),
    fired: z.number().int(),
    hosts: z.number().int(),
    series: z.number().int(),
    /** How far apart the values were that were judged: ms. */
    stepMs: z.number(),
    /** The newest of them. */
    episodes: z.array(episode),
    /** What keeps this from being exact, in words. */
    notes: z.array(z.string()),
  }),
  unrecorded: true,
  errors: ['not-signed-in', 'not-allowed', 'not-found', 'invalid-request', 'too-many-requests', 'too-long'],
});

export const alertRulesRoutes = [
  previewRule,
  listRules,
  readRule,
  createRule,
  editRule,
  removeRule,
  hostRules,
  listConditions,
  listPresets,
  applyPreset,
] as const;
