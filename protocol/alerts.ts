import { z } from 'zod';
import { documentId, instant } from './identity.ts';
import { attributeName, metricId } from './metrics.ts';

/** critical ⬢, high ◆, medium ▲ (shown as "warning"), low. */
export const severity = z.enum(['critical', 'high', 'medium', 'low']);
export type Severity = z.infer<typeof severity>;

const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1, 'write something')
    .max(longest, `use at most ${longest} characters`)
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u, 'leave out control characters');

const DAY_MS = 86_400_000;
const span = (mostMs: number) => z.number().int().min(0).max(mostMs);

/** A word for a rule that came with Reeve, a UUID for one that people made. */
export const ruleId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'this is no id of a rule');

/** Value of an attribute; `*` stands for any text, as in `/data*`. Compared part by part, never as a regular expression. */
export const attributePattern = z.object({ name: attributeName, value: z.string().max(256) });
export type AttributePattern = z.infer<typeof attributePattern>;

const tag = z.string().trim().min(1).max(40);

/** Which hosts a rule is about: all of the site when it names neither tags nor hosts. */
export const hostSelection = z.strictObject({
  /** Any of these. */
  tags: z.array(tag).max(32).default([]),
  hostIds: z.array(documentId).max(500, 'name at most 500 hosts; use a tag for more').default([]),
  /** None of these. */
  exceptTags: z.array(tag).max(32).default([]),
});
export type HostSelection = z.infer<typeof hostSelection>;

/** Which condition, and what it is told; `GET /api/v1/alert-conditions` has the form of each one's settings. */
export const conditionChoice = z.strictObject({
  id: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  settings: z.record(z.string().regex(/^[a-zA-Z]{1,32}$/), z.unknown()),
});
export type ConditionChoice = z.infer<typeof conditionChoice>;

/** What a rule says; every field that may differ for some hosts can be overridden for them. */
const ruleShape = {
  title: line(80).meta({ title: 'Title' }),
  severity: severity.meta({ title: 'Severity' }),
  isEnabled: z.boolean().meta({ title: 'On' }),
  /** Absent for conditions that are not about a series. */
  metric: metricId.exactOptional().meta({ title: 'Metric' }),
  attributes: z.array(attributePattern).max(8).meta({ title: 'Attributes' }),
  hosts: hostSelection.meta({ title: 'Hosts' }),
  condition: conditionChoice.meta({ title: 'Condition' }),
  forMs: span(7 * DAY_MS).meta({ title: 'For', description: 'How long it has to be so. 0: at once.', widget: 'span' }),
  share: z.number().min(0.5, 'half of the time is the least').max(1).meta({
    title: 'Share of the time',
    description: 'How much of that time it has to be so at least.',
  }),
  clearForMs: span(DAY_MS).meta({
    title: 'Clear for',
    description: 'How long it has to be clear without a break until the alert ends.',
    widget: 'span',
  }),
  /** What to do about it, for people. */
  remedy: line(500)
    .exactOptional()
    .meta({ title: 'Suggestion', description: 'What to do about it, for whoever is told.', widget: 'lines' }),
};
export const ruleFields = z.strictObject(ruleShape);
export type RuleFields = z.infer<typeof ruleFields>;

/** What may differ for some hosts. `settings` are laid over those of the rule, field by field. */
export const ruleChange = z.strictObject({
  severity: severity.exactOptional(),
  isEnabled: z.boolean().exactOptional(),
  settings: conditionChoice.shape.settings.exactOptional(),
  forMs: ruleShape.forMs.exactOptional(),
  share: ruleShape.share.exactOptional(),
  clearForMs: ruleShape.clearForMs.exactOptional(),
});
export type RuleChange = z.infer<typeof ruleChange>;

/** Changes a rule for hosts with a tag, or for one host; the host's own wins over tags, a later tag over an earlier one. */
export const ruleOverride = z
  .strictObject({ tag: tag.exactOptional(), hostId: documentId.exactOptional(), change: ruleChange })
  .refine(({ tag: byTag, hostId }) => (byTag === undefined) !== (hostId === undefined), 'name a tag or a host');
export type RuleOverride = z.infer<typeof ruleOverride>;

export const ruleOverrides = z.array(ruleOverride).max(200, 'at most 200 overrides');

/** A rule as the API shows it. `rev` is 0 while a built-in rule is as it came. */
export const rule = ruleFields.extend({
  id: ruleId,
  rev: z.number().int(),
  isBuiltIn: z.boolean(),
  overrides: z.array(ruleOverride),
  /** Of a built-in rule: the fields that this site has changed. */
  changed: z.array(z.string()),
  /** While an alert of that rule is open on the same series, one of this rule is not told. */
  coveredBy: ruleId.exactOptional(),
  /** The condition in words. */
  says: z.string(),
});
export type Rule = z.infer<typeof rule>;

/** Where a value that holds for a host comes from. */
export const origin = z.enum(['built-in', 'rule', 'site', 'tag', 'host']);
export type Origin = z.infer<typeof origin>;

/** A rule as it holds for one host; `origins` says of each value that may differ where it comes from: "from site default". */
export const effectiveRule = z.object({
  ruleId,
  title: z.string(),
  severity,
  isEnabled: z.boolean(),
  condition: conditionChoice,
  forMs: z.number(),
  share: z.number(),
  clearForMs: z.number(),
  says: z.string(),
  origins: z.record(z.string(), z.object({ from: origin, tag: z.string().exactOptional() })),
});

const samples = z.array(z.tuple([z.number(), z.number()]));

/**
 * What happened to an alert. `raised`: it was covered by another one, which is over; `woken`: its snooze is over and it fires
 * still; `held`: what keeps it quiet is another one now; `released`: nothing keeps it quiet any more and it fires still;
 * `withdrawn` comes as `resolved` with its reason in the text.
 */
export const transitionKind = z.enum([
  'pending',
  'fired',
  'resolved',
  'flapping',
  'settled',
  'stale',
  'fresh',
  'raised',
  'woken',
  'held',
  'released',
  'acknowledged',
  'snoozed',
  'commented',
]);

/** `n` counts the transitions of one alert: alert id and `n` together name one for good. */
export const transition = z.object({
  n: z.number().int().min(1),
  at: instant,
  kind: transitionKind,
  text: z.string(),
  /** Who did it; absent where Reeve did. */
  by: z.string().exactOptional(),
  /** Somebody is to be told of it. */
  isTold: z.boolean(),
  /** Why nobody is. */
  whyNot: z.string().exactOptional(),
  /** The values behind it: moment and value, oldest first. */
  samples: samples.exactOptional(),
});
export type Transition = z.infer<typeof transition>;

/**
 * Why nobody is told of an alert for now: Reeve's own network is away, a host on which its host depends is unreachable, maintenance, or a
 * silence. When that is over and it is still so, it is told.
 */
export const hold = z.object({
  by: z.enum(['network', 'parent', 'maintenance', 'silence']),
  /** Of the host, the maintenance window or the silence. */
  id: documentId.exactOptional(),
  why: z.string(),
  /** When it ends, where that is known. */
  until: instant.exactOptional(),
});
export type Hold = z.infer<typeof hold>;

export const alertStatus = z.enum(['open', 'acknowledged', 'resolved']);
export type AlertStatus = z.infer<typeof alertStatus>;

/** One episode of one rule on one series (or fact, or host): from the moment it fired until it is over. */
export const alert = z.object({
  id: documentId,
  siteId: documentId,
  status: alertStatus,
  severity,
  /** What is wrong, in one line: `Disk /data 93 %`. */
  title: z.string(),
  /** Why it fired, in words with the values: `above 90 % for 4 min 40 s of 5 min`. */
  reason: z.string(),
  ruleId,
  ruleRev: z.number().int(),
  ruleTitle: z.string(),
  condition: conditionChoice,
  hostId: documentId.exactOptional(),
  hostName: z.string().exactOptional(),
  series: z
    .object({
      id: z.number().int().exactOptional(),
      metric: z.string(),
      attributes: z.record(z.string(), z.string()),
      unit: z.string().exactOptional(),
    })
    .exactOptional(),
  fact: z.object({ kind: z.string(), key: z.string() }).exactOptional(),
  /** The value that fired, and the level it is compared with. */
  value: z.number().exactOptional(),
  threshold: z.number().exactOptional(),
  /** When the condition began, when it counted, when it was over. */
  sinceAt: instant,
  firedAt: instant,
  resolvedAt: instant.exactOptional(),
  /** Its values have stopped: nobody knows whether it is still so. */
  isStale: z.boolean(),
  /** It was in values that came late: it is on record and nobody was told. */
  isLate: z.boolean(),
  /** Nobody was told, because an alert of that rule is open on the same. */
  coveredBy: ruleId.exactOptional(),
  /** It changes so often that changes are held back until then. */
  heldUntil: instant.exactOptional(),
  /** What keeps it quiet now. */
  held: hold.exactOptional(),
  /** Alerts of a site that opened within half a minute of each other have the same one. */
  incidentId: documentId.exactOptional(),
  snoozedUntil: instant.exactOptional(),
  /** When somebody was first told that it fires, after a snooze that it fires still. */
  toldAt: instant.exactOptional(),
  acknowledgedAt: instant.exactOptional(),
  acknowledgedBy: z.string().exactOptional(),
  remedy: z.string().exactOptional(),
  /** The first and the last ones; those between are left out when they are many. */
  transitions: z.array(transition),
});
export type Alert = z.infer<typeof alert>;

/** What people write about an alert. */
export const alertComment = line(1_000);
